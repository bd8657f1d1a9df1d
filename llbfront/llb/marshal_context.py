"""The context that the encoders of ops share during marshalling, and the list of an op's inputs.

Source: client/llb/state.go (Constraints) of BuildKit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llbfront.llb.protowire import integer, message, text, texts

if TYPE_CHECKING:
    from llbfront.llb.caps import Caps
    from llbfront.llb.exec_settings import Env
    from llbfront.llb.op import Op, Output
    from llbfront.oci.platform import Platform

NO_INPUT = NO_OUTPUT = -1


class MarshalContext:
    """The choices of one marshalling, and what it has found out so far: the digest of each op."""

    def __init__(self, platform: Platform, caps: Caps | None, local_unique: str) -> None:
        self.platform = platform
        self.caps = caps
        self.local_unique = local_unique
        self.digests: dict[Op, str] = {}
        self._packed_digests: dict[Op, bytes] = {}
        self._packed_platforms: dict[int, tuple[Platform, bytes]] = {}

    def learn(self, op: Op, digest: str) -> None:
        """Keep the digest of an op."""
        self.digests[op] = digest
        self._packed_digests[op] = text(1, digest)

    def pack_input(self, output: Output) -> bytes:
        """Pack a pb.Input; the op of the output is known."""
        return message(1, self._packed_digests[output.op] + integer(2, output.index))

    def pack_env(self, env: Env) -> list[bytes]:
        """Pack the variables of a pb.Meta, in parts that environments which agree share."""
        parts = []
        for block in env.blocks:
            if block.packed is None:
                block.packed = texts(2, [f"{name}={value}" for name, value in block.values.items()])
            parts.append(block.packed)
        return parts

    def pack_platform(self, platform: Platform) -> bytes:
        """Pack the platform of a pb.Op."""
        kept = self._packed_platforms.get(id(platform))
        if kept is None:
            packed = text(1, platform.architecture) + text(2, platform.os) + text(3, platform.variant)
            packed += text(4, platform.os_version) + texts(5, platform.os_features)
            kept = self._packed_platforms[id(platform)] = (platform, message(10, packed))
        return kept[1]


class Inputs:
    """The inputs of one op, packed, in their order."""

    def __init__(self, context: MarshalContext) -> None:
        self.context = context
        self.packed: list[bytes] = []
        self.places: dict[bytes, int] = {}

    def add(self, output: Output) -> int:
        """Append an input and return its index."""
        self.packed.append(self.context.pack_input(output))
        return len(self.packed) - 1

    def find(self, output: Output | None) -> int:
        """Return the index of an input, appended unless it is there; -1 for an empty file system."""
        if output is None:
            return NO_INPUT
        packed = self.context.pack_input(output)
        place = self.places.setdefault(packed, len(self.packed))
        if place == len(self.packed):
            self.packed.append(packed)
        return place
