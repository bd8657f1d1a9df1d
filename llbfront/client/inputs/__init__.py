"""The local inputs of a build: the context, the Dockerfile and the named contexts."""
