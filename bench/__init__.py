"""Benchmarks against BuildKit's own clients: `python -m bench`, or `make bench`."""
