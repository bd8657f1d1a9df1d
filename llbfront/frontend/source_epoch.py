"""Look up the time of the source that SOURCE_DATE_EPOCH names: a commit, a file on the web, or the newest file of an archive.

Source: frontend/dockerfile/dockerfile2llb/epoch.go of BuildKit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llbfront import llb
from llbfront.dockerfile2llb.emit import local_state
from llbfront.dockerfile2llb.epoch import Epoch
from llbfront.dockerfile2llb.resolved_plan import LocalSource, UnresolvedContext
from llbfront.errors import LlbfrontError
from llbfront.frontend import contexts
from llbfront.frontend.archive_time import latest_time_ns
from llbfront.frontend.files import read_file
from llbfront.frontend.gitobject import committed
from llbfront.frontend.named_contexts import load_context
from llbfront.gostd.time import format_rfc3339

if TYPE_CHECKING:
    from llbfront.dockerfile2llb.epoch import UnresolvedEpoch
    from llbfront.frontend.bridge import Bridge
    from llbfront.frontend.contexts import Entry, MainContext
    from llbfront.frontend.options import Options
    from llbfront.llb.ops import SourceOp


def resolve_epoch(
    bridge: Bridge, options: Options, context: MainContext, entry: Entry, unresolved: UnresolvedEpoch
) -> Epoch | None:
    """Find the time of the source that SOURCE_DATE_EPOCH names; None where it has none."""
    files: llb.State | LocalSource
    if unresolved.state is not None:
        files = unresolved.state
    elif unresolved.context is not None:
        files = load_context(bridge, options, UnresolvedContext(unresolved.context, "")).files
    else:
        files = contexts.files_of(bridge, options, context, _excludes(bridge, options, context, entry))
    state = local_state(files, {"/"}) if isinstance(files, LocalSource) else files
    sources = llb.sources_of(llb.marshal(state, caps=bridge.caps))
    if len(sources) != 1:
        return None
    (op,) = sources
    with_commit = op.identifier.startswith("git://")
    meta = bridge.resolve_source(op.identifier, op.attrs, log_name=unresolved.log_name, with_commit=with_commit)
    if meta.commit:
        return committed(meta.commit)
    if meta.last_modified_ns is not None:
        return Epoch(meta.last_modified_ns, format_rfc3339(meta.last_modified_ns))
    filename = op.attrs.get("http.filename", "")
    if not filename or not op.identifier.startswith(("http://", "https://")):
        return None
    return _archive_epoch(bridge, op, filename)


def _excludes(bridge: Bridge, options: Options, context: MainContext, entry: Entry) -> tuple[str, ...]:
    try:
        return contexts.read_ignore(bridge, options, context, entry).patterns
    except LlbfrontError as error:
        raise error.prefixed("failed to read dockerignore patterns") from error


def _archive_epoch(bridge: Bridge, op: SourceOp, filename: str) -> Epoch | None:
    (ref,) = bridge.solve([llb.marshal(llb.source(op.identifier, op.attrs), caps=bridge.caps)])
    if ref is None:
        return None
    time_ns = latest_time_ns(read_file(ref, filename))
    return None if time_ns is None else Epoch(time_ns, format_rfc3339(time_ns))
