"""gRPC calls in both directions: methods as values, channels over byte streams and over grpcio, and the status of a call.

`channel` and `calls` hold the interfaces. `stream_channel` runs over unix sockets, pipes and tunnels with our own HTTP/2; `grpcio_channel` runs over
TCP and TLS. The tables of BuildKit's services are in `services`.
"""
