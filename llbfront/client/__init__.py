"""Builds on an engine: a request → an outcome.

Enters: what to build, where the files are, what to do with the result. Leaves: the result's digests and metadata, files on disk.
"""
