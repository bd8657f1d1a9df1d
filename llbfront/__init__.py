"""BuildKit from Python: Dockerfiles to LLB graphs, built on a buildkitd, with no docker CLI."""
