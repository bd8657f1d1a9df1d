"""Inspect graphs: nodes and their source lines, pictures, snapshots and differences.

Source: none; buildctl debug dump-llb of BuildKit answers a part of it.
"""
