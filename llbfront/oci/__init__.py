"""Digests, platforms, references, image configs and image indexes: parse and print them.

Source: opencontainers/go-digest, containerd/platforms, distribution/reference, opencontainers/image-spec.
"""
