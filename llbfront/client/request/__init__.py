"""The request of a build: its arguments and settings, checked, as a BuildRequest."""
