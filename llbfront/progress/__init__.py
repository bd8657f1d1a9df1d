"""Show the progress of a build: fold status events into a trace and render it.

`display.display` chooses a renderer: plain lines, a region redrawn in place, JSON lines, or nothing. The client decodes the events.

Source: util/progress/progressui and client/graph.go of BuildKit.
"""
