"""Answers about a graph: a Definition → what its ops are, where they come from, pictures, snapshots and differences.

Source: none; buildctl debug dump-llb of BuildKit answers a part of it.
"""
