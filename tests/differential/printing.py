"""Check that the tree of a Dockerfile gives its bytes back, and that a change of one FROM leaves every other byte alone.

A file that is not a Dockerfile passes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llbfront.dockerfile.edit import replace_image
from llbfront.dockerfile.parser import parse
from llbfront.dockerfile.stages import parse_stages
from llbfront.errors import DockerfileError
from llbfront.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llbfront.dockerfile.instructions import From
    from llbfront.dockerfile.statements import Dockerfile

IMAGE = "other.example/image:1"


def faults(data: bytes) -> Iterator[str]:
    """What is wrong; the stages are looked at where there are any."""
    try:
        tree = parse(Source("Dockerfile", data))
    except DockerfileError:
        return
    if bytes(tree) != data:
        yield "printed otherwise"
    try:
        _, stages = parse_stages(tree)
    except DockerfileError:
        return
    for number, stage in enumerate(stages):
        yield from edited(tree, number, stage.base)


def edited(tree: Dockerfile, number: int, base: From) -> Iterator[str]:
    changed = replace_image(tree, base, IMAGE)
    [at] = [at for at, statement in enumerate(tree.statements) if statement is base.statement]
    others = [(each.leading, each.raw) for each in tree.statements[:at] + tree.statements[at + 1 :]]
    kept = [(each.leading, each.raw) for each in changed.statements[:at] + changed.statements[at + 1 :]]
    if (others, tree.trailing) != (kept, changed.trailing):
        yield f"line {base.range.start}: another statement has changed"
    new = parse_stages(changed)[1][number]
    if (new.base.image, new.base.platform, new.base.comments) != (IMAGE, base.platform, base.comments):
        yield f"line {base.range.start}: read as {new.base.image}"
    before, _, behind = changed.statements[at].raw.partition(IMAGE)
    old = base.statement.raw
    if not (old.startswith(before) and old.endswith(behind) and len(before) + len(behind) < len(old)):
        yield f"line {base.range.start}: more than the image has changed"
