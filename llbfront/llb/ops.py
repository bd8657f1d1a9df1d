"""The ops of a graph, one class each. State, the sources and the functions of `llbfront.llb` create them.

Source: solver/pb/ops.proto and client/llb of BuildKit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import attrs

from llbfront.llb.files import Copy, FileActions
from llbfront.llb.mounts import mounted
from llbfront.llb.op import NO_META, Op, Output

if TYPE_CHECKING:
    from llbfront.llb.exec_settings import ProxyEnv, Settings
    from llbfront.llb.mounts import FilesystemMount, Secret, Ssh
    from llbfront.llb.op import OpMeta
    from llbfront.oci.platform import Platform


@attrs.frozen(eq=False, repr=False)
class SourceOp(Op):
    """Files from outside of the graph: an identifier with a scheme, and attributes."""

    identifier: str
    attrs: Mapping[str, str]
    caps: frozenset[str] = frozenset()
    platform: Platform | None = None
    meta: OpMeta = NO_META

    @property
    def inputs(self) -> tuple[Output, ...]:
        return ()


@attrs.frozen(eq=False, repr=False)
class ExecOp(Op):
    """A command. `mounts` are sorted by target, the root at `/` among them; secrets and sockets of agents are separate.

    `devices` are CDI devices as (name, optional); `platform` is an explicit one.
    """

    args: tuple[str, ...]
    settings: Settings
    mounts: tuple[FilesystemMount, ...]
    secrets: tuple[Secret, ...] = ()
    sockets: tuple[Ssh, ...] = ()
    devices: tuple[tuple[str, bool], ...] = ()
    valid_exit_codes: tuple[int, ...] = ()
    proxy: ProxyEnv | None = None
    platform: Platform | None = None
    meta: OpMeta = NO_META

    @property
    def inputs(self) -> tuple[Output, ...]:
        return tuple([output for mount in self.mounts if (output := mounted(mount)) is not None])


@attrs.frozen(eq=False, repr=False)
class FileOp(Op):
    """Actions on a file system, in order."""

    file_actions: FileActions
    meta: OpMeta = NO_META

    @property
    def inputs(self) -> tuple[Output, ...]:
        """The base, then the sources of the actions from the last one back to the first; chains inside in the same way."""
        outputs: list[Output | None] = []
        pending: list[Output | FileActions | None] = [self.file_actions]
        while pending:
            item = pending.pop()
            if isinstance(item, FileActions):
                copied = [action.source for action in item.actions if isinstance(action, Copy)]
                pending += [source if isinstance(source, FileActions) else source.output for source in copied]
                pending.append(item.base.output)
            else:
                outputs.append(item)
        return tuple([output for output in outputs if output is not None])


@attrs.frozen(eq=False, repr=False)
class MergeOp(Op):
    """File systems laid over each other, later ones on top; at least two."""

    inputs: tuple[Output, ...]
    meta: OpMeta = NO_META


@attrs.frozen(eq=False, repr=False)
class DiffOp(Op):
    """The files of `upper` that `lower` does not have. If `upper` is None, it is an empty file system."""

    lower: Output
    upper: Output | None
    meta: OpMeta = NO_META

    @property
    def inputs(self) -> tuple[Output, ...]:
        return (self.lower,) if self.upper is None else (self.lower, self.upper)


@attrs.frozen(eq=False, repr=False)
class PassthroughOp(Op):
    """Inputs handed on: those whose positions are in `outputs`, the others only have to be built."""

    id: str
    inputs: tuple[Output, ...]
    outputs: tuple[int, ...]
    meta: OpMeta = NO_META


@attrs.frozen(eq=False, repr=False)
class BuildOp(Op):
    """A definition in a file of `source`, built as if it were part of this graph."""

    source: Output
    filename: str = ""
    platform: Platform | None = None
    meta: OpMeta = NO_META

    @property
    def inputs(self) -> tuple[Output, ...]:
        return (self.source,)


@attrs.frozen(eq=False, repr=False)
class ImportedOp(Op):
    """An op of a definition made elsewhere; its bytes are kept."""

    data: bytes
    digest: str
    inputs: tuple[Output, ...]
    platform: Platform | None
    meta: OpMeta = NO_META
