"""The filter of conversion cases: one JSON case a line in, one JSON answer a line out, made by the real frontend.

    python -m tests.differential.subject < cases.jsonl > answers.jsonl

The bridge here plays the world that the page of conversion cases describes, in this process.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
import traceback
from typing import TYPE_CHECKING, Any

import attrs

from llbfront.dockerfile2llb.resolved_plan import ResolvedImage
from llbfront.errors import LlbfrontError
from llbfront.frontend.bridge import Returned, SourceMeta
from llbfront.frontend.build import build
from llbfront.llb.caps import FRONTEND_KNOWN, LLB_KNOWN, Caps
from llbfront.oci import image as images
from llbfront.oci import reference
from llbfront.oci.image import History, Image, ImageConfig
from llbfront.oci.platform import Platform
from llbfront.pb import ops_pb2 as ops

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from llbfront.frontend.bridge import ImageRequest, Reference
    from llbfront.frontend.options import CacheImport
    from llbfront.llb.definition import Definition
    from llbfront.source import Span

_DEFAULT = Platform("linux", "amd64")
_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_FRONTEND_CAPS = Caps(FRONTEND_KNOWN, known=FRONTEND_KNOWN)
_MAX_FORWARDS = 10
CRASH = "crash: "
_MEMBERS = {"id": str, "dockerfile": str, "dockerignore": dict, "opts": dict, "images": dict, "caps": str, "def": bool}
_SURROGATE = re.compile(r"[\ud800-\udfff]|\\ud[89a-f]", re.IGNORECASE)
_NOT_UTF8 = dict.fromkeys(range(0xD800, 0xE000), "\ufffd")


@attrs.define(eq=False)
class Solved:
    """A solved definition, on which every path reads as the page says."""

    world: World
    definition: Definition

    def _content(self, path: str) -> bytes:
        if not path.endswith(".dockerignore"):
            return (self.world.case.get("dockerfile") or "").encode(errors="surrogateescape")
        op = ops.Op.FromString(self.definition.ops[0])
        name = op.source.identifier.removeprefix("local://")
        texts = self.world.case.get("dockerignore") or {}
        if name not in texts:
            raise LlbfrontError(f"open {path}: file does not exist")
        return (texts[name] or "").encode(errors="surrogateescape")

    def read_file(self, path: str, *, limit: int) -> bytes:
        return self._content(path)[:limit]

    def size_of(self, path: str) -> int | None:
        try:
            return len(self._content(path))
        except LlbfrontError:
            return None


class World:
    """A bridge to the world of one case."""

    def __init__(
        self, case: Mapping[str, Any], options: Mapping[str, str], warnings: list[dict[str, Any]], forwards: int = 0
    ) -> None:
        self.case = case
        self.options = options
        self.session_id = "session"
        self.caps = _FRONTEND_CAPS
        self.llb_caps = llb_caps(case.get("caps") or "all")
        self.platforms: Sequence[Platform] = (_DEFAULT,)
        self.warnings = warnings
        self.forwards = forwards

    def solve(
        self, definitions: Sequence[Definition], *, cache_imports: Sequence[CacheImport] = (), evaluate: bool = False
    ) -> list[Reference | None]:
        del cache_imports, evaluate
        return [Solved(self, definition) for definition in definitions]

    def solve_frontend(self, name: str, options: Mapping[str, str], inputs: Mapping[str, Definition]) -> Returned:
        del name, inputs
        if self.forwards == _MAX_FORWARDS:
            raise LlbfrontError("the frontend forwards without end")
        return build(World(self.case, options, self.warnings, self.forwards + 1))

    def resolve_images(self, requests: Sequence[ImageRequest]) -> list[ResolvedImage | LlbfrontError]:
        return [self._image(request) for request in requests]

    def _image(self, request: ImageRequest) -> ResolvedImage | LlbfrontError:
        ref = str(reference.parse(request.ref))
        platform = (request.platform or _DEFAULT).normalized()
        entry = (self.case.get("images") or {}).get(ref) or {}
        if entry.get("error"):
            return LlbfrontError(f"failed to resolve source metadata for {ref}: {entry['error']}")
        digest = entry.get("digest") or reference.parse(ref).digest
        digest = digest or "sha256:" + hashlib.sha256(f"{ref} {platform}".encode()).hexdigest()
        config = entry.get("config")
        data = json.dumps(config).encode() if config is not None else images.write(_plain_image(platform, digest))
        return ResolvedImage(ref, digest, data)

    def resolve_source(self, identifier: str, attributes: Mapping[str, str], *, log_name: str, with_commit: bool) -> SourceMeta:
        del attributes, log_name
        if identifier.startswith("git://"):
            checksum = hashlib.sha1(identifier.encode()).hexdigest()
            text = f"tree {checksum}\nauthor a <a@b> 1700000000 +0000\ncommitter a <a@b> 1700000000 +0000\n\noracle\n"
            return SourceMeta(commit=text.encode() if with_commit else None)
        if identifier.startswith(("http://", "https://")):
            return SourceMeta(last_modified_ns=1600000000 * 10**9)
        return SourceMeta()

    def inputs(self) -> Mapping[str, Definition]:
        return {}

    def warn(self, digest: str, text: str, *, detail: str, url: str, span: Span) -> None:
        del digest
        rule, _, message = text.partition(": ")
        message = re.sub(r" \(line [0-9]+\)\Z", "", message)
        self.warnings.append(
            {
                "rule": rule,
                "description": detail,
                "detail": message,
                "url": url,
                "lines": [[part.start, part.end] for part in span.ranges],
            }
        )

    def local_file(self, name: str, path: str) -> bytes | None:
        raise NotImplementedError


_CAPS: dict[str, Caps] = {}


def llb_caps(text: str) -> Caps:
    """Read `all`, or `all,-ID,-ID`."""
    if text not in _CAPS:
        missing = {part[1:] for part in text.split(",") if part.startswith("-")}
        _CAPS[text] = Caps(LLB_KNOWN - missing)
    return _CAPS[text]


def _plain_image(platform: Platform, digest: str) -> Image:
    return Image(
        architecture=platform.architecture,
        os=platform.os,
        os_version=platform.os_version,
        os_features=platform.os_features or None,
        variant=platform.variant,
        config=ImageConfig(env=(_PATH,)),
        rootfs_type="layers",
        diff_ids=(digest,),
        history=(History(created_by="oracle"),),
    )


def answer(case: Mapping[str, Any]) -> dict[str, Any]:
    """Build a case and describe the result or the error of the build. Any other exception is raised."""
    warnings: list[dict[str, Any]] = []
    result: dict[str, Any] = {"id": case.get("id", ""), "error": None}
    try:
        returned = build(World(case, {key: value or "" for key, value in (case.get("opts") or {}).items()}, warnings))
        result.update(_described(returned, with_definition=bool(case.get("def"))))
    except LlbfrontError as error:
        result["error"] = str(error)
        result["message"] = error.summary
        result["error_lines"] = _error_lines(error)
    result["warnings"] = sorted(warnings, key=lambda each: (each["lines"], each["rule"], each["detail"]))
    return result


def answer_or_crash(case: Mapping[str, Any]) -> dict[str, Any]:
    """Answer a case; an exception that is not an error of llbfront becomes an error that begins with `CRASH`."""
    try:
        return answer(case)
    except Exception:  # noqa: BLE001, the cases after a crash must be answered, too
        return {"id": case.get("id", ""), "error": CRASH + traceback.format_exc(), "warnings": []}


def _error_lines(error: LlbfrontError) -> list[int]:
    ranges = error.span.ranges if error.span else ()
    return sorted({line for part in ranges for line in range(part.start, max(part.start, part.end) + 1)})


def _described(returned: Returned, *, with_definition: bool) -> dict[str, Any]:
    meta = dict(returned.metadata)
    answer: dict[str, Any] = {}
    if returned.refs is not None:
        answer["platforms"] = {
            key: _graph(ref, meta.pop(f"containerimage.config/{key}"), with_definition=with_definition)
            for key, ref in returned.refs.items()
        }
    elif returned.ref is not None:
        answer.update(_graph(returned.ref, meta.pop("containerimage.config"), with_definition=with_definition))
    answer["meta"] = {key: value.decode(errors="surrogateescape") for key, value in meta.items()}
    if returned.attestations:
        answer["attestations"] = {
            key: [_graph(each.ref, None, with_definition=False) for each in attestations]
            for key, attestations in returned.attestations.items()
        }
    return answer


def _graph(ref: Any, config: bytes | None, *, with_definition: bool) -> dict[str, Any]:
    definition = ref.definition
    graph: dict[str, Any] = {"ops": list(definition.digests), "metadata": _metadata(definition)}
    if config is not None:
        graph["image"] = json.loads(config)
    if with_definition:
        graph["def_b64"] = base64.b64encode(definition.encode()).decode()
    return graph


def _metadata(definition: Definition) -> dict[str, Any]:
    groups: dict[str, str] = {}
    message = ops.Definition.FromString(definition.encode())
    return {digest: _op_metadata(message.metadata[digest], groups) for digest in definition.digests if digest in message.metadata}


def _op_metadata(metadata: Any, groups: dict[str, str]) -> dict[str, Any]:
    described: dict[str, Any] = {}
    if metadata.ignore_cache:
        described["ignore_cache"] = True
    if metadata.description:
        described["description"] = dict(metadata.description)
    if metadata.HasField("export_cache"):
        described["export_cache"] = {"Value": True} if metadata.export_cache.Value else {}
    if metadata.caps:
        described["caps"] = dict(metadata.caps)
    if metadata.HasField("progress_group"):
        group = metadata.progress_group
        described["progress_group"] = {"id": groups.setdefault(group.id, str(len(groups) + 1)), "name": group.name}
        if group.weak:
            described["progress_group"]["weak"] = True
    if metadata.HasField("linux_resources"):
        limits = metadata.linux_resources
        described["linux_resources"] = {field.name: value for field, value in limits.ListFields()}
    return described


def answers(lines: Iterator[str]) -> Iterator[str]:
    """Answer cases as lines, empty ones not at all; bytes that are no UTF-8 are written as Go's encoder writes them."""
    for line in lines:
        if line.strip():
            text = json.dumps(answer_line(line), ensure_ascii=False, separators=(",", ":"))
            yield text if text.isascii() else text.translate(_NOT_UTF8)


def answer_line(line: str) -> dict[str, Any]:
    """Answer a case as text, whose halves of surrogate pairs are read as Go reads them; a line that is not a case gets an error."""
    try:
        case = json.loads(line)
        if _SURROGATE.search(line):
            case = json.loads(json.dumps(case, ensure_ascii=False).translate(_NOT_UTF8))
        check(case)
    except (TypeError, ValueError, RecursionError) as error:
        return {"id": "", "error": f"not a case: {error}", "warnings": []}
    return answer_or_crash(case)


def check(case: Any) -> None:
    """Raise TypeError unless each member of a case is of the kind that the page gives it; null is absence."""
    need([] if case is None else case, dict, "the line")
    for key, kind in _MEMBERS.items():
        need(case.get(key), kind, key)
    for key, kind in (("opts", str), ("dockerignore", str), ("images", dict)):
        for name, value in (case.get(key) or {}).items():
            need(value, kind, f"{name} of {key}")


def need(value: object, kind: type, what: str) -> None:
    if value is not None and not isinstance(value, kind):
        raise TypeError(f"{what} is no {kind.__name__}: {value!r}")


def main() -> None:
    """Filter standard input; each answer is written before the next case is read."""
    for line in answers(line.decode(errors="surrogateescape") for line in sys.stdin.buffer):
        sys.stdout.buffer.write(f"{line}\n".encode())
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
