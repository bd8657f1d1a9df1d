"""The build history of an engine: records of builds, with their logs and attachments.

Source: commands/history of docker/buildx; cmd/buildctl/debug of BuildKit.
"""

from __future__ import annotations

import enum
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import attrs

from llbfront.client.control import running_filters
from llbfront.client.control.calls import call, stream
from llbfront.client.control.history_names import build_name
from llbfront.client.solve import status_decoding
from llbfront.errors import ContextError, OptionError
from llbfront.gostd.strconv import parse_int
from llbfront.oci import digest as digests
from llbfront.pb import content_pb2 as content
from llbfront.pb import control_pb2 as control
from llbfront.rpc.services.content import ContentMethods
from llbfront.rpc.services.control import ControlMethods
from llbfront.rpc.timestamp import to_nanoseconds

if TYPE_CHECKING:
    from llbfront.progress.events import StatusEvent
    from llbfront.rpc.channel import Channel

PREDICATE = "in-toto.io/predicate-type"
LATEST = "^"
SHA256 = "sha256:"
MAX_BLOB_BYTES = 512 << 20  # a log or an attachment, which is kept in memory
NOTHING = "ref==none"  # a filter that no record passes, except in an engine that ignores filters


@attrs.frozen
class Attachment:
    """A document that belongs to a build record.

    Attributes:
        type: of an attestation its predicate (`https://slsa.dev/provenance/v1`), else the media type.
        digest, size_bytes: which content it is.
        platform: of which platform's result, an empty text if there is one result.
        media_type: the media type.
    """

    type: str
    digest: str
    size_bytes: int
    platform: str
    media_type: str


@attrs.frozen
class Exporter:
    """An output of a build: its type and attributes."""

    type: str
    attributes: Mapping[str, str]


@attrs.frozen
class BuildRecord:
    """A build record of an engine.

    Attributes:
        ref: the ID of the build.
        name: the name that docker buildx shows for the build; see `history_names`.
        status: `running`, `completed`, `error` or `canceled`.
        frontend: the frontend that the engine ran; empty for one that ran at the client.
        options: the options of the frontend: build arguments, target, platform, …
        exporters: the outputs.
        response: what the exporters answered, such as the digest of an image.
        created_at_ns, completed_at_ns: times in nanoseconds since 1970; None while the build runs.
        total_steps, completed_steps, cached_steps, warning_count: counts.
        is_pinned: the record is kept when old ones are removed.
        error: why the build failed.
        attachments: attestations and results.
        logs, trace, error_details: digests of the log, the OpenTelemetry trace and the full error; empty for none.
    """

    ref: str
    name: str
    status: str
    frontend: str
    options: Mapping[str, str]
    exporters: tuple[Exporter, ...]
    response: Mapping[str, str]
    created_at_ns: int
    completed_at_ns: int | None
    total_steps: int
    completed_steps: int
    cached_steps: int
    warning_count: int
    is_pinned: bool
    error: str
    attachments: tuple[Attachment, ...]
    logs: str
    trace: str
    error_details: str


class HistoryChange(enum.Enum):
    """A change of a record."""

    STARTED = "started"
    COMPLETED = "completed"
    DELETED = "deleted"


@attrs.frozen
class HistoryEvent:
    """A change of the build history."""

    change: HistoryChange
    record: BuildRecord


_CHANGES = {
    control.BuildHistoryEventType.STARTED: HistoryChange.STARTED,
    control.BuildHistoryEventType.COMPLETE: HistoryChange.COMPLETED,
    control.BuildHistoryEventType.DELETED: HistoryChange.DELETED,
}


def messages(channel: Channel, *, filters: Iterable[str] = ()) -> list[control.BuildHistoryRecord]:
    """Return the records as the engine sends them, the newest first."""
    selection = tuple(filters)
    if selection and any(not _is_running(record) for record in _records(channel, (NOTHING,))):
        hint = "list all with --json, and filter the output"
        raise OptionError("this engine is too old to filter build records", hint=hint)
    now_ns = time.time_ns()
    received = _records(channel, selection)
    records = [record for record in received if not _is_running(record) or running_filters.passes(record, selection, now_ns)]
    return sorted(records, key=lambda record: (record.CreatedAt.seconds, record.CreatedAt.nanos), reverse=True)


def _records(channel: Channel, selection: tuple[str, ...]) -> list[control.BuildHistoryRecord]:
    request = control.BuildHistoryRequest(EarlyExit=True, Filter=selection)
    records: dict[str, control.BuildHistoryRecord] = {}
    for event in stream(channel, ControlMethods.ListenBuildHistory, request):  # a build that ends meanwhile is sent twice
        if event.type == control.BuildHistoryEventType.DELETED:
            records.pop(event.record.Ref, None)
        elif event.record.Ref:
            records[event.record.Ref] = event.record
    return list(records.values())


def follow(channel: Channel, *, ref: str = "", only_running: bool = False) -> Iterator[HistoryEvent]:
    """Yield the present records and each change as it happens, without end."""
    request = control.BuildHistoryRequest(ActiveOnly=only_running, Ref=ref)
    for event in stream(channel, ControlMethods.ListenBuildHistory, request):
        if event.type in _CHANGES:
            yield HistoryEvent(_CHANGES[event.type], build_record(event.record))


def resolve(records: Iterable[control.BuildHistoryRecord], ref: str | None) -> control.BuildHistoryRecord:
    """Return the record that a user means.

    Args:
        records: all records, the newest first.
        ref: a ref or the beginning of one, also as `BUILDER/NODE/REF`; `^N` is the one before the N last ones; None the last.

    Raises:
        OptionError: no record matches, or several do.
    """
    known = list(records)
    if ref is None or ref.startswith(LATEST):
        return _at(known, ref or f"{LATEST}0")
    name = ref.rpartition("/")[2]
    matches = [record for record in known if record.Ref == name] or [
        record for record in known if name and record.Ref.startswith(name)
    ]
    if len(matches) == 1:
        return matches[0]
    if matches:
        raise OptionError(f"several build records begin with {name}", hint=", ".join(record.Ref for record in matches[:3]))
    raise OptionError(f"there is no build record {name or ref!r}", hint="llbfront history ls lists them")


def _at(records: list[control.BuildHistoryRecord], ref: str) -> control.BuildHistoryRecord:
    text = ref.removeprefix(LATEST)
    if not (text.isascii() and text.isdigit()):
        raise OptionError(f"{ref!r} is not a build record", hint="^1 is the build before the last")
    number = parse_int(text)
    if number is None or number >= len(records):
        raise OptionError(f"there is no build record {ref}" if records else "the engine has no build records")
    return records[number]


def logs(channel: Channel, ref: str) -> Iterator[StatusEvent]:
    """Yield the status events of a build; of one that runs, until its end."""
    for response in stream(channel, ControlMethods.Status, control.StatusRequest(Ref=ref)):
        yield status_decoding.status_event(response)


def read_blob(channel: Channel, digest: str) -> bytes:
    """Return content that belongs to the build history.

    Raises:
        OptionError: the engine does not have it.
        ContextError: what the engine sends is something else, or larger than `MAX_BLOB_BYTES`.
    """
    data = bytearray()
    for response in stream(channel, ContentMethods.Read, content.ReadContentRequest(digest=digest)):
        data += response.data
        if len(data) > MAX_BLOB_BYTES:
            raise ContextError(f"{digest} of the engine at {channel.address} is larger than {MAX_BLOB_BYTES >> 20} MiB")
    blob = bytes(data)
    if digest.startswith(SHA256) and digests.of(blob) != digest:
        raise ContextError(f"the engine at {channel.address} sends other content for {digest}")
    return blob


def update(channel: Channel, ref: str, *, pinned: bool = False, delete: bool = False, finalize: bool = False) -> None:
    """Pin, unpin, delete or finalize a record."""
    request = control.UpdateBuildHistoryRequest(Ref=ref, Pinned=pinned, Delete=delete, Finalize=finalize)
    call(channel, ControlMethods.UpdateBuildHistory, request)


def build_record(message: control.BuildHistoryRecord) -> BuildRecord:
    """Decode a record."""
    options = dict(sorted(message.FrontendAttrs.items()))
    return BuildRecord(
        ref=message.Ref,
        name=build_name(options),
        status=_status(message),
        frontend=message.Frontend,
        options=options,
        exporters=tuple(Exporter(exporter.Type, dict(sorted(exporter.Attrs.items()))) for exporter in message.Exporters),
        response=dict(sorted(message.ExporterResponse.items())),
        created_at_ns=to_nanoseconds(message.CreatedAt),
        completed_at_ns=to_nanoseconds(message.CompletedAt) if message.HasField("CompletedAt") else None,
        total_steps=message.numTotalSteps,
        completed_steps=message.numCompletedSteps,
        cached_steps=message.numCachedSteps,
        warning_count=message.numWarnings,
        is_pinned=message.pinned,
        error=message.error.message,
        attachments=tuple(dict.fromkeys(_attachments(message))),
        logs=message.logs.digest,
        trace=message.trace.digest,
        error_details=message.externalError.digest,
    )


def _is_running(message: control.BuildHistoryRecord) -> bool:
    return not message.HasField("CompletedAt")


def _status(message: control.BuildHistoryRecord) -> str:
    if _is_running(message):
        return "running"
    if not message.HasField("error"):
        return "completed"
    return "canceled" if "context canceled" in message.error.message else "error"


def _attachments(message: control.BuildHistoryRecord) -> Iterator[Attachment]:
    if message.HasField("Result"):
        yield from _of_result(message.Result, "")
    for key, result in sorted(message.Results.items()):
        yield from _of_result(result, key)


def _of_result(result: control.BuildResultInfo, platform: str) -> Iterator[Attachment]:
    descriptors = [*result.Attestations, *(descriptor for _, descriptor in sorted(result.Results.items()))]
    if result.HasField("ResultDeprecated"):
        descriptors.append(result.ResultDeprecated)
    for descriptor in descriptors:
        kind = descriptor.annotations.get(PREDICATE) or descriptor.media_type
        yield Attachment(kind, descriptor.digest, descriptor.size, platform, descriptor.media_type)
