"""Progress of a build: status events of the engine become a trace, and a trace becomes lines on a screen.

Enters: `StatusEvent` values (the client decodes them). Leaves: a `Trace` (steps, times, logs, warnings), and what one of the
renderers writes: plain lines, a region redrawn in place, JSON lines, or nothing. `display.display` picks the renderer.

Source: util/progress/progressui and client/graph.go of BuildKit.
"""
