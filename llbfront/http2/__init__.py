"""HTTP/2 without I/O: received bytes → events, and method calls → bytes to send.

Source: RFC 9113 (HTTP/2) and RFC 7541 (HPACK).
"""
