"""A program that copies its standard streams to a socket, as `buildctl dial-stdio` does."""

COPY = """
import os, select, socket
with socket.socket(socket.AF_UNIX) as engine:
    engine.connect({path!r})
    while True:
        for end in select.select([0, engine], [], [])[0]:
            data = os.read(0, 65536) if end == 0 else engine.recv(65536)
            if not data:
                raise SystemExit
            engine.sendall(data) if end == 0 else os.write(1, data)
"""
