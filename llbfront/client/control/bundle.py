"""Build records in a file: the `.dockerbuild` archive of docker buildx, an OCI layout in a compressed tar.

Each record is a manifest: its config is the record as JSON, its layers are the log and the attachments. The trace is left out, because it
holds the arguments of commands as they are.

Source: util/desktop/bundle of docker/buildx.
"""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import attrs

from llbfront.client.control.history import build_record
from llbfront.client.control.message_json import from_json, to_json
from llbfront.client.solve import status_decoding
from llbfront.errors import ContextError, InvalidJson
from llbfront.foreign_json import JsonObject, parse_json, parse_object
from llbfront.fsutil.tar_errors import DamagedTar, damaged_is_one_error
from llbfront.oci import digest
from llbfront.pb import control_pb2 as control
from llbfront.progress.events import StatusEvent
from llbfront.rpc.method import parse_message

RECORD_TYPE = "application/vnd.buildkit.historyrecord.v0"
INDEX_TYPE = "application/vnd.oci.image.index.v1+json"
MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
REFERENCE = "vnd.buildkit.history.reference"
ORIGINAL_TYPE = "vnd.export-build.descriptor.mediatype"
_CACHE_IMPORTS = "cache-imports"
_LENGTH_BYTES = 4
LIMIT_BYTES = 512 << 20  # of an unpacked archive, which is kept in memory
ZIP = b"PK"
_BLOBS = "blobs/sha256/"


@attrs.frozen
class Bundle:
    """Build records with their blobs, by digest."""

    messages: tuple[control.BuildHistoryRecord, ...]
    blobs: Mapping[str, bytes]

    def read_blob(self, name: str) -> bytes:
        """Return a blob. Raises: ContextError."""
        if name not in self.blobs:
            raise ContextError(f"the imported build record has no content {name}")
        return self.blobs[name]

    def logs(self, ref: str) -> Iterator[StatusEvent]:
        """Yield the status events of a build."""
        message = next(message for message in self.messages if message.Ref == ref)
        data = self.read_blob(message.logs.digest) if message.logs.digest else b""
        while len(data) >= _LENGTH_BYTES:
            end = _LENGTH_BYTES + int.from_bytes(data[:_LENGTH_BYTES], "little")
            yield status_decoding.status_event(parse_message(control.StatusResponse, data[_LENGTH_BYTES:end]))
            data = data[end:]


def write_bundle(messages: Iterable[control.BuildHistoryRecord], read_blob: Callable[[str], bytes]) -> bytes:
    """Return an archive of records; `read_blob` returns content by digest."""
    blobs: dict[str, bytes] = {}
    manifests = [{**_add_record(message, read_blob, blobs), "annotations": {REFERENCE: message.Ref}} for message in messages]
    if len(manifests) == 1:
        entries = [{key: value for key, value in manifests[0].items() if key != "annotations"}]
    else:
        entries = [_add_json(INDEX_TYPE, {"schemaVersion": 2, "mediaType": INDEX_TYPE, "manifests": manifests}, blobs)]
    index = {"schemaVersion": 2, "mediaType": INDEX_TYPE, "manifests": entries}
    files = {f"{_BLOBS}{name.partition(':')[2]}": data for name, data in sorted(blobs.items())}
    return _archive({**files, "index.json": json.dumps(index).encode(), "oci-layout": b'{"imageLayoutVersion":"1.0.0"}'})


def _add_record(message: control.BuildHistoryRecord, read_blob: Callable[[str], bytes], blobs: dict[str, bytes]) -> dict[str, Any]:
    kept = control.BuildHistoryRecord()
    kept.CopyFrom(message)
    kept.ClearField("trace")
    if _CACHE_IMPORTS in kept.FrontendAttrs:
        kept.FrontendAttrs[_CACHE_IMPORTS] = _without_credentials(kept.FrontendAttrs[_CACHE_IMPORTS])
    layers: dict[str, dict[str, Any]] = {}
    for descriptor, is_result in _descriptors(kept):
        blobs[descriptor.digest] = read_blob(descriptor.digest)
        layers.setdefault(descriptor.digest, _layer(descriptor, is_result=is_result))
    config = _add_json(RECORD_TYPE, to_json(kept), blobs)
    manifest = {"schemaVersion": 2, "mediaType": MANIFEST_TYPE, "config": config, "layers": list(layers.values())}
    return _add_json(MANIFEST_TYPE, manifest, blobs)


def _descriptors(message: control.BuildHistoryRecord) -> Iterator[tuple[control.Descriptor, bool]]:
    """Yield the content of a record, and whether it is a result."""
    for name in ("logs", "externalError"):
        if message.HasField(name):
            yield getattr(message, name), False
    results = [message.Result, *(message.Results[key] for key in sorted(message.Results))]
    for result in results:
        yield from ((descriptor, False) for descriptor in result.Attestations)
        yield from ((result.Results[key], True) for key in sorted(result.Results))


def _layer(descriptor: control.Descriptor, *, is_result: bool) -> dict[str, Any]:
    annotations = dict(descriptor.annotations)
    media_type = descriptor.media_type
    if is_result:  # so that no reader follows the references in it
        annotations[ORIGINAL_TYPE], media_type = media_type, "application/json"
    layer: dict[str, Any] = {"mediaType": media_type, "digest": descriptor.digest, "size": descriptor.size}
    return {**layer, "annotations": annotations} if annotations else layer


def _add_json(media_type: str, value: dict[str, Any], blobs: dict[str, bytes]) -> dict[str, Any]:
    data = json.dumps(value, indent=2).encode()
    name = digest.of(data)
    blobs[name] = data
    return {"mediaType": media_type, "digest": name, "size": len(data)}


def _without_credentials(text: str) -> str:
    """Return cache imports with only those attributes that name the cache."""
    try:
        entries = parse_json(text)
        kept = [
            {
                "Type": entry.get("Type"),
                "Attrs": {key: value for key, value in (entry.get("Attrs") or {}).items() if key in {"scope", "ref"}},
            }
            for entry in entries
        ]
    except (InvalidJson, AttributeError, TypeError):
        return ""
    return json.dumps(kept)


def _archive(files: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as compressed, tarfile.open(fileobj=compressed, mode="w") as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return packed.getvalue()


def read_bundle(data: bytes, name: str) -> Bundle:
    """Read an archive of records; `name` is what errors call it. Raises: ContextError."""
    try:
        files = _files(data)
        blobs = {f"sha256:{path.removeprefix(_BLOBS)}": content for path, content in files.items() if path.startswith(_BLOBS)}
        wrong = next((each for each, content in blobs.items() if digest.of(content) != each), None)
        if wrong:
            raise ContextError(f"{name} is damaged: {wrong} has other content")
        messages = tuple(_messages(parse_object(files["index.json"]), blobs))
    except (DamagedTar, KeyError, InvalidJson) as error:
        why = f"it has no {error.args[0]}" if isinstance(error, KeyError) else error
        hint = "unpack the zip file first" if data.startswith(ZIP) else "llbfront history export writes one"
        raise ContextError(f"{name} is not an archive of build records: {why}", hint=hint) from None
    if not messages:
        raise ContextError(f"{name} holds no build records")
    return Bundle(messages, blobs)


def _files(data: bytes) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    left = LIMIT_BYTES
    with damaged_is_one_error(), tarfile.open(fileobj=io.BytesIO(data), mode="r:*") as archive:
        for entry in archive:
            left -= entry.size
            if left < 0:
                raise tarfile.ReadError(f"it holds more than {LIMIT_BYTES >> 20} MiB")
            if entry.isfile() and (file := archive.extractfile(entry)):
                files[entry.name] = file.read()
    return files


def _messages(index: JsonObject, blobs: Mapping[str, bytes]) -> Iterator[control.BuildHistoryRecord]:
    for descriptor in index.objects("manifests"):
        document = parse_object(blobs[descriptor.text("digest")])
        if descriptor.text("mediaType") == INDEX_TYPE:
            yield from _messages(document, blobs)
        elif document.object("config").text("mediaType") == RECORD_TYPE:
            message = control.BuildHistoryRecord()
            from_json(message, parse_json(blobs[document.object("config").text("digest")]))
            yield message


def records(bundle: Bundle) -> tuple[Any, ...]:
    """Return the records of a bundle as values."""
    return tuple(map(build_record, bundle.messages))
