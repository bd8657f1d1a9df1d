"""The sources of builds: image configs, source policies, and lock files that pin what builds read."""
