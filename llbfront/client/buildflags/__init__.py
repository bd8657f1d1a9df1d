"""The values of flags such as `--output`, `--cache-to` and `--secret`: parsed from text or from typed arguments.

Source: util/buildflags of docker/buildx.
"""
