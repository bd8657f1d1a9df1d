"""The values of the image world: texts → digests, platforms, references and image configs, and back to texts.

Source: opencontainers/go-digest, containerd/platforms, distribution/reference, opencontainers/image-spec.
"""
