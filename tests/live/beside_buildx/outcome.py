"""What a build left behind, as values that can be compared: files, archives and images, pushed images, the record of the engine.

Digests and times that differ from build to build are left out: those of attestations, and, if a row says so, those of steps that ran again.
"""

from __future__ import annotations

import hashlib
import io
import json
import pathlib
import tarfile
import zlib
from typing import TYPE_CHECKING, Any

import attrs

from llbfront.client.exports.exporter_response import decode_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from llbfront.client.control.history import BuildRecord

Read = "Callable[[str], bytes]"
REFERENCE_TYPE = "vnd.docker.reference.type"
REFERENCE_DIGEST = "vnd.docker.reference.digest"
INDEX = "index.json"
TEXT_BYTES = 4096
# Members of attestations that no two builds share.
VOLATILE = frozenset(
    ("startedOn", "finishedOn", "buildStartedOn", "buildFinishedOn", "invocationId", "buildInvocationID", "buildInvocationId")
)
SHARED_KEY = "sharedkey:"  # random, or of the directory
CREATED = "org.opencontainers.image.created"
# Members of a provenance that engines fill in only for a frontend that they run themselves; the sources are not among them.
FRONTEND = ("frontend", "locals", "args", "root")
ENGINE_FRONTEND = frozenset(("dockerfileVersion", "buildkit_completeness", "completeness"))
# Members whose values depend on when a step ran.
TIMED = frozenset(("created", "diff_ids", "digest", "size", "buildkit/createdat", "containerd.io/uncompressed", "last-modified"))
IDENTITIES = ("containerimage.digest", "containerimage.config.digest", "containerimage.descriptor", "cache.manifest")


@attrs.frozen
class Documents:
    """Reads images: indexes, manifests, configs and layers, down from a descriptor.

    Attributes:
        read: returns a blob by digest.
        is_repeatable: the steps did not run again, so that all digests are the same.
    """

    read: Callable[[str], bytes]
    is_repeatable: bool

    def document(self, descriptor: Mapping[str, Any]) -> dict[str, Any]:
        """Return a descriptor with what it is about in place of its digest; the digest stays where it is repeatable."""
        data = self.read(descriptor["digest"])
        content, is_repeatable = self._content(descriptor, data)
        members = {key: value for key, value in descriptor.items() if key not in {"digest", "size"}}
        members["annotations"] = {
            key: value
            for key, value in descriptor.get("annotations", {}).items()
            if key != CREATED and (is_repeatable or key != REFERENCE_DIGEST)
        }
        if is_repeatable:
            members |= {"digest": descriptor["digest"], "size": descriptor["size"]}
        return {**(members if is_repeatable or self.is_repeatable else without(members, TIMED)), "content": content}

    def _content(self, descriptor: Mapping[str, Any], data: bytes) -> tuple[Any, bool]:
        if not data.startswith((b"{", b"[")):
            return self._layer(data), self.is_repeatable
        value = json.loads(data)
        if "_type" in value:
            return statement(value), False
        if "manifests" in value:
            nested = [self.document(each) for each in value["manifests"]]
            return {**value, "manifests": nested}, all("digest" in each for each in nested)
        if "layers" in value and "config" in value:
            nested = [self.document(each) for each in value["layers"]]
            is_repeatable = all("digest" in each for each in nested)
            config = self.document(value["config"])
            if not is_repeatable:
                config = without(config, TIMED)
            return {**value, "layers": nested, "config": config}, is_repeatable and self.is_repeatable
        return value if self.is_repeatable else without(value, TIMED), self.is_repeatable

    def _layer(self, data: bytes) -> Any:
        try:
            return members(io.BytesIO(data), has_times=self.is_repeatable)
        except tarfile.TarError:  # compressed by zstd
            return hashlib.sha256(data).hexdigest() if self.is_repeatable else None


def without(value: Any, names: frozenset[str]) -> Any:
    """Return a JSON value without members of some names."""
    if isinstance(value, dict):
        return {key: without(each, names) for key, each in value.items() if key not in names}
    return [without(each, names) for each in value] if isinstance(value, list) else value


def statement(value: Any) -> Any:
    """Return an in-toto statement without times and random identifiers."""
    value = without(value, VOLATILE)
    for names, place in ((("configSource",), ("path", "entryPoint")), *(((name,), FRONTEND) for name in ("request", "parameters"))):
        for described in (each for name in names for each in _mappings(value, name)):
            for member in place:
                described.pop(member, None)
    value = without(value, ENGINE_FRONTEND)
    for digests in _mappings(value, "digestMapping"):
        steps = sorted(digests.values())
        digests.clear()
        digests["steps"] = steps
    for subject in value.get("subject") or []:
        subject.pop("digest", None)
    return value


def _mappings(value: Any, name: str) -> Iterable[dict[str, Any]]:
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if isinstance(value, dict) and isinstance(value.get(name), dict):
        yield value[name]
    for child in children:
        yield from _mappings(child, name)


def members(file: io.BufferedIOBase, *, has_times: bool = False) -> list[Any]:
    """Return the members of a tar, compressed or not."""
    with tarfile.open(fileobj=file, mode="r:*") as archive:
        return [_member(archive, entry, has_times=has_times) for entry in archive]


def _member(archive: tarfile.TarFile, entry: tarfile.TarInfo, *, has_times: bool) -> list[Any]:
    file = archive.extractfile(entry) if entry.isfile() else None
    about = [entry.name, entry.type.decode(), oct(entry.mode), entry.uid, entry.gid, entry.linkname]
    return [*about, *([entry.mtime] if has_times else []), text(file.read()) if file else ""]


def text(data: bytes) -> str:
    """Return short text as it is, anything else as its digest."""
    if len(data) <= TEXT_BYTES:
        try:
            return data.decode()
        except UnicodeDecodeError:
            pass
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def of_path(path: pathlib.Path, *, is_repeatable: bool) -> Any:
    """Return what a file or directory holds: an image as documents, a tar as its members, a directory by name."""
    if path.is_symlink():
        return ["symlink", str(path.readlink())]
    if path.is_dir():
        if (path / INDEX).exists():
            return _layout(lambda name: (path / name).read_bytes(), is_repeatable=is_repeatable)
        return {
            each.name: [oct(each.lstat().st_mode), of_path(each, is_repeatable=is_repeatable)] for each in sorted(path.iterdir())
        }
    data = path.read_bytes()
    try:
        return _archive(data, is_repeatable=is_repeatable)
    except (tarfile.TarError, EOFError, zlib.error):
        return _json_or_text(data)


def _json_or_text(data: bytes) -> Any:
    try:
        value = json.loads(data) if data.startswith(b"{") else text(data)
    except ValueError:
        return text(data)
    return statement(value) if isinstance(value, dict) and "_type" in value else value


def _archive(data: bytes, *, is_repeatable: bool) -> Any:
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        files = {entry.name: file.read() for entry in archive if entry.isfile() and (file := archive.extractfile(entry))}
    if INDEX not in files:
        return members(io.BytesIO(data), has_times=False)
    documents = _layout(files.__getitem__, is_repeatable=is_repeatable)
    if "manifest.json" in files:
        described = json.loads(files["manifest.json"])
        documents["manifest.json"] = described if is_repeatable else [{"RepoTags": each["RepoTags"]} for each in described]
    return documents


def _layout(read: Callable[[str], bytes], *, is_repeatable: bool) -> dict[str, Any]:
    reader = Documents(lambda digest: read(f"blobs/{digest.replace(':', '/')}"), is_repeatable)
    index = json.loads(read(INDEX))
    return {**index, "manifests": [reader.document(each) for each in index["manifests"]]}


def pushed(storage: pathlib.Path, prefix: str, *, is_repeatable: bool, is_attested: bool) -> dict[str, Any]:
    """Return the images of the repositories below `prefix` in the storage of a registry, by name and tag."""
    root = storage / "docker/registry/v2"
    blobs = root / "blobs/sha256"
    reader = Documents(lambda digest: (blobs / digest[7:9] / digest[7:] / "data").read_bytes(), is_repeatable)
    images: dict[str, Any] = {}
    for link in sorted((root / "repositories" / prefix).rglob("_manifests/tags/*/current/link")):
        repository, tag = link.parents[4].relative_to(root / "repositories"), link.parents[1].name
        digest = link.read_text()
        data = reader.read(digest)
        media_type = json.loads(data).get("mediaType", "")
        images[f"{repository}:{tag}"] = reader.document({"mediaType": media_type, "digest": digest, "size": len(data)})
    links = (root / "repositories" / prefix).rglob("_manifests/revisions/sha256/*/link")
    images["revisions"] = sorted(link.parent.name if is_repeatable and not is_attested else "" for link in links)
    return images


def metadata(value: Mapping[str, Any], *, is_repeatable: bool) -> dict[str, Any]:
    """Return what a metadata file says without the ref of the build, which is random."""
    entries = {key.replace("llbfront.build.", "buildx.build."): each for key, each in value.items()}
    entries.pop("buildx.build.ref", None)
    if warnings := entries.get("buildx.build.warnings"):
        entries["buildx.build.warnings"] = sorted(warnings, key=lambda warning: str((warning["range"], warning["short"])))
    entries = {key: without(each, frozenset((CREATED, "definition", "vertex"))) for key, each in entries.items()}
    if not is_repeatable:
        entries = {
            key: sorted(each) if isinstance(each, dict) else "" if key in IDENTITIES else each for key, each in entries.items()
        }
    return {key: statement(each) if isinstance(each, dict) else each for key, each in entries.items()}


def record(value: BuildRecord, *, is_repeatable: bool) -> dict[str, Any]:
    """Return what the engine remembers of a build that is the same for each run of it."""
    return {
        "status": value.status,
        "options": {key: _option(key, each) for key, each in sorted(value.options.items()) if not key.startswith(SHARED_KEY)},
        "exporters": [[exporter.type, dict(sorted(exporter.attributes.items()))] for exporter in value.exporters],
        "response": metadata({key: decode_value(each) for key, each in value.response.items()}, is_repeatable=is_repeatable),
        "warnings": value.warning_count,
        "attachments": sorted({f"{each.type} {each.platform}" for each in value.attachments}),
    }


def _option(name: str, value: str) -> Any:
    """Return the value of a frontend option without differences of form."""
    if name.startswith("attest:"):
        return sorted(field for field in value.split(",") if field and not field.startswith("type="))
    return json.loads(value) if name == "cache-imports" else value


def printed(content: Any) -> Any:
    """Return an answer on standard output: buildx names the path of a Dockerfile, and its sources have random identifiers."""
    if isinstance(content, str):
        return content.replace("ctx/Dockerfile", "Dockerfile").rstrip("\n")
    return {key: value for key, value in content.items() if key != "sources"} if isinstance(content, dict) else content


def differences(theirs: Any, ours: Any, place: str = "") -> list[str]:
    """Return a line for each value that differs, with its place."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        names = sorted({*theirs, *ours})
        return [
            line for name in names for line in differences(theirs.get(name), ours.get(name), f"{place}.{name}" if place else name)
        ]
    if isinstance(theirs, list) and isinstance(ours, list) and len(theirs) == len(ours):
        return [
            line
            for number, (left, right) in enumerate(zip(theirs, ours, strict=True))
            for line in differences(left, right, f"{place}[{number}]")
        ]
    return [] if theirs == ours else [f"{place}: buildx {theirs!r}, llbfront {ours!r}"]
