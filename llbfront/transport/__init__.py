"""Calls to an engine and calls from it: an address or a byte stream → a Channel.

`channel` is the seam that the rooms above see. Behind it `stream` drives our own sans-IO HTTP/2 and gRPC (`hpack`, `http2`, `rpc`,
`endpoint`) over unix sockets, pipes and tunnels, and `network` drives grpcio over TCP and TLS. `address` chooses between them.

Source: none; performance.md says why two ways exist.
"""
