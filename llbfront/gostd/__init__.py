"""The parts of Go's standard library whose exact behaviour BuildKit's results depend on.

Each module has the name of the Go package that it follows, and each function the name of the Go function, in snake_case. Text that is not
UTF-8 is decoded with `surrogateescape` everywhere. Look here when a digest, a history line or an error text depends on how Go reads or
prints a value.
"""
