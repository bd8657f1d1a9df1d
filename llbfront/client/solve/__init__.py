"""Solve on an engine: the call, its session, the status stream, and what is solved (a frontend, a graph)."""
