"""The time of the source that SOURCE_DATE_EPOCH names: a commit, a file on the web, or the newest file of an archive.

Enters: an EpochWanted. Leaves: an Epoch, or none.

Source: frontend/dockerfile/dockerfile2llb/epoch.go and util/gitutil/gitobject of BuildKit.
"""

from __future__ import annotations

import re

from llbfront import llb
from llbfront.convert.bases import ContextWanted
from llbfront.convert.epoch import Epoch
from llbfront.errors import InvalidValue
from llbfront.frontend.bases import load
from llbfront.frontend.files import read_file
from llbfront.llb.ops import SourceOp
from llbfront.oci.image import timestamp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from llbfront.convert.epoch import EpochWanted
    from llbfront.frontend.bridge import Bridge
    from llbfront.frontend.options import Options

_COMMITTER = rb"(?m)^committer .*<[^>]*> (-?[0-9]{1,18}) ([+-])([0-9]{2})([0-9]{2})$"


def resolve_epoch(bridge: Bridge, options: Options, files: llb.State | None, wanted: EpochWanted) -> Epoch | None:
    """Find the time of the source that SOURCE_DATE_EPOCH names; None where it has none. `files` is the main context if remote."""
    state = wanted.state
    if wanted.context is not None:
        found = load(bridge, options, ContextWanted(wanted.context, "")).files
        state = found if isinstance(found, llb.State) else None
    elif state is None:
        state = files
    if state is not None:
        llb.marshal(state, caps=bridge.caps)  # refuses what cannot be asked for
    op = _only_source(state)
    if op is None or op.identifier.startswith("local://"):
        return None
    with_commit = op.identifier.startswith("git://")
    meta = bridge.resolve_source(op.identifier, op.attrs, log_name=wanted.log_name, with_commit=with_commit)
    if meta.commit:
        return _committed(meta.commit)
    if meta.last_modified_ns is not None:
        return Epoch(meta.last_modified_ns, timestamp(meta.last_modified_ns))
    filename = op.attrs.get("http.filename", "")
    if not filename or not op.identifier.startswith(("http://", "https://")):
        return None
    return _archive_epoch(bridge, op, filename)


def _only_source(state: llb.State | None) -> SourceOp | None:
    """The only source below a state; None when there is none, or more than one."""
    found: dict[int, SourceOp] = {}
    pending = [state.output.op] if state is not None and state.output is not None else []
    seen = set()
    while pending:
        op = pending.pop()
        if id(op) in seen:
            continue
        seen.add(id(op))
        if isinstance(op, SourceOp):
            found[id(op)] = op
        pending.extend(output.op for output in op.inputs)
    return next(iter(found.values())) if len(found) == 1 else None


def _archive_epoch(bridge: Bridge, op: SourceOp, filename: str) -> Epoch | None:
    (ref,) = bridge.solve([llb.marshal(llb.source(op.identifier, op.attrs), caps=bridge.caps)])
    if ref is None:
        return None
    from llbfront.frontend.archives import latest_time_ns

    time_ns = latest_time_ns(read_file(ref, filename))
    return None if time_ns is None else Epoch(time_ns, timestamp(time_ns))


def _committed(commit: bytes) -> Epoch:
    """Read the committer's time out of a commit object, in the committer's zone. Raises InvalidValue."""
    match = re.search(_COMMITTER, commit.partition(b"\n\n")[0])
    if match is None:
        raise InvalidValue("invalid git object: no committer")
    seconds = int(match[1])
    offset_s = (int(match[3]) * 60 + int(match[4])) * 60 * (-1 if match[2] == b"-" else 1)
    if not offset_s:
        return Epoch.at(seconds)
    shifted = timestamp((seconds + offset_s) * 10**9).removesuffix("Z")
    return Epoch(seconds * 10**9, f"{shifted}{match[2].decode()}{match[3].decode()}:{match[4].decode()}")
