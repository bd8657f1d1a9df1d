"""HTTP/2 without I/O: received bytes become events, and method calls become bytes to send.

`Connection` in `connection` is the interface. It has three parts, which share only the values passed to them: `streams` (the
streams and their states), `inbound` (received frames become events) and `outbound` (queued headers and bodies become frames). Server push and
priorities are not implemented, because gRPC uses neither.

Source: RFC 9113 (HTTP/2) and RFC 7541 (HPACK).
"""
