"""Keeps the messages of a conversation with an engine, both ways and inside the session too, by the name of their type."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING, Any

from llbfront.rpc import services
from llbfront.rpc.calls import Handler, Receiver
from llbfront.rpc.method import Method

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from llbfront.rpc.channel import Channel

EXPORT = "/moby.filesync.v1.FileSend/DiffCopy"
SAMPLES = 3
SMALL = 4096


def methods() -> Mapping[str, Method[Any, Any]]:
    """All methods of llbfront.rpc.services, by path."""
    modules = [importlib.import_module(f"llbfront.rpc.services.{each.name}") for each in pkgutil.iter_modules(services.__path__)]
    tables = [table for module in modules for name, table in vars(module).items() if name.endswith("Methods")]
    return {method.path: method for table in tables for method in vars(table).values() if isinstance(method, Method)}


class Recorder:
    """`messages` maps full type names to the encodings that were seen, a few of each."""

    def __init__(self) -> None:
        self.messages: dict[str, list[bytes]] = {}
        self._methods = methods()

    def keep(self, path: str, data: bytes, *, is_request: bool) -> None:
        method = self._methods[path]
        name = (method.request if is_request else method.response).DESCRIPTOR.full_name
        if path == EXPORT and data[:1] != b"\x0a":  # declared as bytes, but a directory travels in packets
            name = "fsutil.types.Packet"
        kept = self.messages.setdefault(name, [])
        if len(kept) < SAMPLES and len(data) <= SMALL and data not in kept:
            kept.append(bytes(data))

    def listen(self, channel: Channel) -> None:
        """Keep what passes through the calls of a channel."""
        opened = channel.open

        def open_call(path: str, receiver: Receiver, **options: Any) -> Any:
            call = opened(path, _Tapped(receiver, lambda data: self.keep(path, data, is_request=False)), **options)
            if path in self._methods and not path.endswith("/Session"):
                call.send = self._overheard(path, call.send, is_request=True)  # type: ignore[method-assign,assignment]
            return call

        channel.open = open_call  # type: ignore[method-assign]

    def tap(self, services: Mapping[str, Callable[[Any], Handler]]) -> Mapping[str, Callable[[Any], Handler]]:
        """The same services, overheard."""

        def tapped(path: str, factory: Callable[[Any], Handler]) -> Callable[[Any], Handler]:
            def make(call: Any) -> Handler:
                call.send = self._overheard(path, call.send, is_request=False)
                handler = factory(call)
                handler.on_message = self._overheard(path, handler.on_message, is_request=True)  # type: ignore[method-assign,assignment]
                return handler

            return make

        return {path: tapped(path, factory) for path, factory in services.items()}

    def _overheard(self, path: str, action: Callable[[Any], None], *, is_request: bool) -> Callable[[Any], None]:
        def overheard(encoded: Any) -> None:
            self.keep(path, joined(encoded), is_request=is_request)
            action(encoded)

        return overheard


class _Tapped(Receiver):
    def __init__(self, receiver: Receiver, keep: Callable[[bytes], None]) -> None:
        self._keep, self._receiver = keep, receiver
        self.on_header = receiver.on_header  # type: ignore[method-assign]
        self.on_writable = receiver.on_writable  # type: ignore[method-assign]
        self.on_done = receiver.on_done  # type: ignore[method-assign]

    def on_message(self, data: bytes) -> None:
        self._keep(data)
        self._receiver.on_message(data)


def joined(encoded: Any) -> bytes:
    return (
        encoded
        if isinstance(encoded, bytes)
        else bytes(encoded)
        if isinstance(encoded, memoryview)
        else b"".join(map(bytes, encoded))
    )
