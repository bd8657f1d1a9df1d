"""Serve OCI layouts to the engine over containerd's Content service, by store id.

Ids on the wire: `oci:<name>` of a context, `local:<dir>` of a cache, `export` of an image that is written as a layout. Layouts that are
only read from (contexts, caches to import) refuse every call that changes something. The destination of an export or a cache takes
blobs that match their digest; a blob can be deleted only if the engine wrote it in this build.

Source: session/content of BuildKit, plugins/services/content/contentserver of containerd.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from google.protobuf.empty_pb2 import Empty

from llbfront.errors import RpcError
from llbfront.files.paths import reason
from llbfront.fsutil.stat import bytes_head
from llbfront.pb import content_pb2 as content
from llbfront.rpc.calls import Handler
from llbfront.rpc.codes import Code
from llbfront.rpc.method import parse_message
from llbfront.rpc.services.content import ContentMethods
from llbfront.rpc.timestamp import to_timestamp
from llbfront.rpc.unary import unary_handler

if TYPE_CHECKING:
    from llbfront.rpc.calls import Metadata, ServerCall, Services
    from llbfront.session.oci_layout import Blob, Ingest, Layout

_STORE = "buildkit-attachable-store-id"
_PIECE_BYTES = 256 * 1024
_LISTED_AT_ONCE = 100


class Content:
    """Serves layouts by store id. Call `release` when the index of what was written has been updated, or the build has failed."""

    def __init__(self, stores: Mapping[str, Layout]) -> None:
        self.stores = dict(stores)
        self._labels: dict[str, dict[str, str]] = {}

    def services(self) -> Services:
        service = ContentMethods
        return {
            service.Info.path: unary_handler(service.Info, self._info),
            service.Update.path: unary_handler(service.Update, self._update),
            service.List.path: lambda call: _Listing(self, call),
            service.Delete.path: unary_handler(service.Delete, self._delete),
            service.Read.path: lambda call: _Reading(self, call),
            service.Status.path: unary_handler(service.Status, self._status),
            service.ListStatuses.path: unary_handler(service.ListStatuses, self._list_statuses),
            service.Write.path: lambda call: _Writing(self, call),
            service.Abort.path: unary_handler(service.Abort, self._abort),
        }

    def release(self) -> None:
        for store in self.stores.values():
            store.release()

    def store(self, metadata: Metadata) -> Layout:
        """Return the store that a call names. Raises: RpcError."""
        name = next((value for key, value in metadata if key == _STORE), None)
        if name is None:
            raise RpcError(f"the request lacks the metadata {_STORE}", code=Code.INVALID_ARGUMENT)
        if name not in self.stores:
            raise RpcError(f"unknown store {name}", code=Code.NOT_FOUND)
        return self.stores[name]

    def writable_store(self, metadata: Metadata) -> Layout:
        """Return the store that a call changes. Raises: RpcError."""
        store = self.store(metadata)
        if not store.is_writable:
            raise RpcError(f"{store.path} is served read-only", code=Code.PERMISSION_DENIED)
        return store

    def blob(self, metadata: Metadata, digest: str) -> Blob:
        """Return a blob that a call names. Raises: RpcError."""
        blob = find(self.store(metadata), digest)
        if blob is None:
            raise RpcError(f"content {digest}: not found", code=Code.NOT_FOUND)
        return blob

    def info(self, blob: Blob) -> content.Info:
        when, labels = blob.mtime_ns, self._labels.get(blob.digest)
        return content.Info(
            digest=blob.digest, size=blob.size_bytes, created_at=to_timestamp(when), updated_at=to_timestamp(when), labels=labels
        )

    def label(self, digest: str, labels: Mapping[str, str]) -> None:
        """Keep labels of a blob for as long as the session lives."""
        if labels:
            self._labels.setdefault(digest, {}).update(labels)

    def _info(self, request: content.InfoRequest, call: ServerCall) -> content.InfoResponse:
        return content.InfoResponse(info=self.info(self.blob(call.metadata, request.digest)))

    def _update(self, request: content.UpdateRequest, call: ServerCall) -> content.UpdateResponse:
        self.writable_store(call.metadata)
        blob = self.blob(call.metadata, request.info.digest)
        self.label(blob.digest, request.info.labels)
        return content.UpdateResponse(info=self.info(blob))

    def _delete(self, request: content.DeleteContentRequest, call: ServerCall) -> Empty:
        store = self.writable_store(call.metadata)
        digest = self.blob(call.metadata, request.digest).digest
        if digest not in store.written:
            raise RpcError(f"content {digest} was not written by this build", code=Code.PERMISSION_DENIED)
        os.unlink(store.path_of(digest))
        return Empty()

    def _status(self, request: content.StatusRequest, call: ServerCall) -> content.StatusResponse:
        ingest = self.store(call.metadata).ingests.get(request.ref)
        if ingest is None:
            raise RpcError(f"could not get status for ref {request.ref!r}: not found", code=Code.NOT_FOUND)
        return content.StatusResponse(status=_status_of(ingest))

    def _list_statuses(self, _request: content.ListStatusesRequest, call: ServerCall) -> content.ListStatusesResponse:
        return content.ListStatusesResponse(statuses=[_status_of(ingest) for ingest in self.store(call.metadata).ingests.values()])

    def _abort(self, request: content.AbortRequest, call: ServerCall) -> Empty:
        store = self.writable_store(call.metadata)
        if request.ref not in store.ingests:
            raise RpcError(f"ingest ref {request.ref!r}: not found", code=Code.NOT_FOUND)
        store.end(request.ref)
        return Empty()


def find(store: Layout, digest: str) -> Blob | None:
    """Return a blob of a store, None if it is not there. Raises: RpcError."""
    try:
        return store.find(digest)
    except ValueError as error:
        raise RpcError(str(error), code=Code.INVALID_ARGUMENT) from None
    except OSError as error:
        raise RpcError(f"content {digest} cannot be read: {error.strerror}", code=Code.UNKNOWN) from None


def _status_of(ingest: Ingest) -> content.Status:
    return content.Status(
        started_at=to_timestamp(ingest.started_ns),
        updated_at=to_timestamp(ingest.updated_ns),
        ref=ingest.ref,
        offset=ingest.offset,
        total=ingest.total,
        expected=ingest.expected,
    )


class _Listing(Handler):
    """Answers with all blobs; filters are not supported, as in BuildKit's stores of this kind."""

    def __init__(self, service: Content, call: ServerCall) -> None:
        self.service, self.call = service, call

    def on_half_close(self) -> None:
        try:
            blobs = [self.service.info(blob) for blob in self.service.store(self.call.metadata).blobs()]
        except RpcError as error:
            self.call.finish(error.code, error.message)
            return
        except OSError as error:
            self.call.finish(Code.UNKNOWN, f"content cannot be listed: {error.strerror}")
            return
        for start in range(0, len(blobs), _LISTED_AT_ONCE):
            self.call.send(content.ListContentResponse(info=blobs[start : start + _LISTED_AT_ONCE]).SerializeToString())
        self.call.finish()


class _Reading(Handler):
    """Sends a part of a blob in pieces. Their offsets count from the start of the part."""

    def __init__(self, service: Content, call: ServerCall) -> None:
        self.service, self.call = service, call
        self.fd = -1
        self.at = self.start = self.end = 0

    def on_message(self, data: bytes) -> None:
        if self.fd >= 0:
            return  # one request for each call
        request = parse_message(content.ReadContentRequest, data)
        try:
            blob = self.service.blob(self.call.metadata, request.digest)
            self.at = self.start = max(request.offset, 0)
            if self.start > blob.size_bytes:
                raise RpcError(f"read past object length {blob.size_bytes} bytes", code=Code.OUT_OF_RANGE)
            self.end = min(blob.size_bytes, self.start + request.size) if request.size > 0 else blob.size_bytes
            self.fd = os.open(
                self.service.store(self.call.metadata).path_of(blob.digest), os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK
            )
        except RpcError as error:
            self.call.finish(error.code, error.message)
        except OSError as error:
            self.call.finish(Code.UNKNOWN, f"content {request.digest} cannot be read: {error.strerror}")
        else:
            self.call.loop.before_poll(self.on_writable)

    def on_writable(self) -> None:
        while self.fd >= 0 and self.call.room_bytes > 0:
            data = os.pread(self.fd, min(_PIECE_BYTES, self.end - self.at), self.at)
            if not data:
                self.on_cancel()
                self.call.finish()
                return
            head = content.ReadContentResponse(offset=self.at - self.start).SerializeToString()
            self.call.send([head + bytes_head(2, len(data)), data])
            self.at += len(data)

    def on_cancel(self) -> None:
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1


class _Writing(Handler):
    """Takes one blob: asked for its state, written in pieces, committed under its digest."""

    def __init__(self, service: Content, call: ServerCall) -> None:
        self.service, self.call = service, call
        self.store: Layout | None = None
        self.ingest: Ingest | None = None
        self.ended = False

    def on_message(self, data: bytes) -> None:
        if self.ended:
            return
        try:
            answer, is_last = self._take(parse_message(content.WriteContentRequest, data))
        except RpcError as error:
            self._end(error.code, error.message)
        except OSError as error:
            where = "the content" if self.store is None else f"to {self.store.path}"
            self._end(Code.UNKNOWN, f"cannot write {where}: {reason(error)}")
        else:
            self.call.send(answer.SerializeToString())
            if is_last:
                self._end(Code.OK, "")

    def on_half_close(self) -> None:
        self._end(Code.OK, "")

    def on_cancel(self) -> None:
        self.ended = True
        if self.store is not None and self.ingest is not None:
            self.store.end(self.ingest.ref)

    def _end(self, code: int, message: str) -> None:
        if not self.ended:
            self.on_cancel()
            self.call.finish(code, message)

    def _take(self, request: content.WriteContentRequest) -> tuple[content.WriteContentResponse, bool]:
        ingest = self.ingest or self._begin(request)
        ingest.expected = request.expected or ingest.expected
        ingest.total = request.total or ingest.total
        if request.expected and self.store is not None and find(self.store, request.expected):
            raise RpcError(f"blob with expected digest {request.expected} exists", code=Code.ALREADY_EXISTS)
        if request.action == content.STAT:
            return self._answer(request.action, ingest), False
        if request.offset and request.offset != ingest.offset:
            raise RpcError(f"write @{request.offset} must occur at current offset {ingest.offset}", code=Code.OUT_OF_RANGE)
        if not request.offset and ingest.offset:
            ingest.truncate()
        ingest.write(request.data)
        if request.action == content.COMMIT:
            self._commit(ingest, request.labels)
        return self._answer(request.action, ingest), request.action == content.COMMIT

    def _begin(self, request: content.WriteContentRequest) -> Ingest:
        if not request.ref:
            raise RpcError("first message must have a reference", code=Code.INVALID_ARGUMENT)
        store = self.service.writable_store(self.call.metadata)
        if request.expected and find(store, request.expected) is not None:
            raise RpcError(f"content {request.expected}: already exists", code=Code.ALREADY_EXISTS)
        if request.ref in store.ingests:
            raise RpcError(f"ref {request.ref} locked: unavailable", code=Code.UNAVAILABLE)
        self.store = store
        self.ingest = store.begin(request.ref, total=request.total, expected=request.expected)
        return self.ingest

    def _commit(self, ingest: Ingest, labels: Mapping[str, str]) -> None:
        if ingest.total and ingest.total != ingest.offset:
            raise RpcError(f"unexpected commit size {ingest.offset}, expected {ingest.total}", code=Code.FAILED_PRECONDITION)
        if ingest.expected and ingest.expected != ingest.digest:
            raise RpcError(f"unexpected commit digest {ingest.digest}, expected {ingest.expected}", code=Code.FAILED_PRECONDITION)
        ingest.commit()
        self.service.label(ingest.digest, labels)

    @staticmethod
    def _answer(action: content.WriteAction.ValueType, ingest: Ingest) -> content.WriteContentResponse:
        is_asked = action == content.STAT
        return content.WriteContentResponse(
            action=action,
            started_at=to_timestamp(ingest.started_ns) if is_asked else None,
            updated_at=to_timestamp(ingest.updated_ns) if is_asked else None,
            offset=ingest.offset,
            total=ingest.total if is_asked else 0,
            digest=ingest.digest,
        )
