"""gRPC methods as values: what `transport` calls and serves. The tables of BuildKit's services are in `services`.

Source: none.
"""
