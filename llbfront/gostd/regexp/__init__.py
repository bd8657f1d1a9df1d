"""Match regular expressions in Go's syntax in linear time."""
