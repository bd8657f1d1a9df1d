"""Protobuf messages of BuildKit's APIs. `make proto` generates this package from proto/; do not edit it."""
