"""`llbfront layers`: the size of each layer of an image with the instruction that made it; with two images, how they differ.

Source: docker history; dive, for what layers waste.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import attrs

from llbfront.cli import humanize, listing
from llbfront.cli.listing import Column
from llbfront.cli.output import say_notice, show
from llbfront.cli.platform_warnings import warn_of_platforms
from llbfront.errors import OptionError
from llbfront.files.reading import refuse_same_input

if TYPE_CHECKING:
    from llbfront.client.layers.analysis import ImageLayers, Layer, LayersComparison

SCHEMA, COMPARISON_SCHEMA = "llbfront.layers/1", "llbfront.layers-comparison/1"
SHOWN_DIRECTORIES = 10
EPILOG = """\
An image is a name in a registry, a directory with an OCI layout, or a tar (of
an OCI layout, or of docker save). DIR:TAG and FILE:TAG choose one of several
images. Layers that are compressed with zstd need the package backports.zstd
before Python 3.14.

examples:
  llbfront layers registry.example/app
  llbfront build -o type=oci,dest=app.tar . && llbfront layers app.tar
  llbfront layers single.tar multi.tar              # what a multi-stage build saves
"""
COLUMNS: tuple[Column[Layer], ...] = (
    Column("digest", lambda layer: layer.digest, is_default=False),
    Column("diff-id", lambda layer: layer.diff_id, is_default=False),
    Column("size", lambda layer: humanize.size(layer.size_bytes), is_number=True),
    Column("content", lambda layer: "elsewhere" if layer.is_absent else humanize.size(layer.content_bytes), is_number=True),
    Column("files", lambda layer: "" if layer.is_absent else str(layer.files), is_number=True),
    Column("replaced", lambda layer: str(layer.replaced or ""), is_number=True),
    Column("removed", lambda layer: str(layer.removed or ""), is_number=True),
    Column("hidden", lambda layer: humanize.size(layer.hidden_bytes) if layer.hidden_bytes else "", is_number=True),
    Column("wasted", lambda layer: humanize.size(layer.wasted_bytes) if layer.wasted_bytes else "", is_number=True),
    Column("instruction", lambda layer: layer.instruction, is_flexible=True),
)


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.epilog = EPILOG
    command.set_defaults(run=run)
    command.add_argument("image", metavar="IMAGE", help="an image, a directory, a tar, or - for a tar on standard input")
    command.add_argument("other", nargs="?", metavar="IMAGE2", help="another one, to compare with")
    command.add_argument("--platform", metavar="OS/ARCH", help="the platform of the image (default: that of this machine)")
    listing.add_arguments(command, COLUMNS, SCHEMA)


def run(parsed: argparse.Namespace) -> int:
    from llbfront.client.layers.analysis import compare, layers_of

    listing.choose(COLUMNS, parsed.columns)  # refuses unknown columns before images are read
    if parsed.other is not None and parsed.columns:
        raise OptionError("--columns does not apply to a comparison", hint="leave it out, or name one image")
    names = [name for name in (parsed.image, parsed.other) if name is not None]
    refuse_same_input((name, f"image {number}") for number, name in enumerate(names, 1))
    warn_of_platforms([parsed.platform] if parsed.platform else [])
    image, *others = (layers_of(name, parsed.platform, notify=say_notice) for name in names)
    if not others:
        if parsed.json:
            listing.show_document(SCHEMA, **summary(image))
        else:
            listing.show_table(image.layers, COLUMNS, parsed)
            show(f"\n{totals_line(image)}")
        return 0
    comparison = compare(image, *others)
    if parsed.json:
        show_comparison_json(comparison)
    else:
        show("\n".join(comparison_lines(comparison)))
    return 0


def summary(image: ImageLayers) -> dict[str, Any]:
    """Return the members of a JSON document about an image."""
    return {
        "name": image.name,
        "size_bytes": image.size_bytes,
        "content_bytes": image.content_bytes,
        "visible_bytes": image.visible_bytes,
        "wasted_bytes": image.wasted_bytes,
        "layers": [attrs.asdict(layer) for layer in image.layers],
    }


def totals_line(image: ImageLayers) -> str:
    return (
        f"{humanize.count(len(image.layers), 'layer')}, {humanize.size(image.size_bytes)} stored, {humanize.size(image.content_bytes)} unpacked, "
        f"{humanize.size(image.wasted_bytes)} wasted"
    )


def show_comparison_json(comparison: LayersComparison) -> None:
    listing.show_document(
        COMPARISON_SCHEMA,
        first=summary(comparison.first),
        second=summary(comparison.second),
        shared=[layer.diff_id for layer in comparison.shared],
        directories=[
            {"path": path, "first_bytes": first, "second_bytes": second} for path, first, second in comparison.directories
        ],
    )


def comparison_lines(comparison: LayersComparison) -> Iterator[str]:
    """Yield the lines of a comparison."""
    first, second = comparison.first, comparison.second
    rows = [
        ("", first.name, second.name, ""),
        ("layers", str(len(first.layers)), str(len(second.layers)), ""),
        *(
            (title, humanize.size(a), humanize.size(b), _difference(a, b))
            for title, a, b in (
                ("stored", first.size_bytes, second.size_bytes),
                ("unpacked", first.content_bytes, second.content_bytes),
                ("visible", first.visible_bytes, second.visible_bytes),
                ("wasted", first.wasted_bytes, second.wasted_bytes),
            )
        ),
        ("files", str(len(first.paths)), str(len(second.paths)), ""),
    ]
    yield from _aligned(rows)
    shared = sum(layer.size_bytes for layer in comparison.shared)
    yield f"shared layers: {len(comparison.shared)} ({humanize.size(shared)})"
    differing = [row for row in comparison.directories if row[1] != row[2]][:SHOWN_DIRECTORIES]
    if differing:
        yield ""
        yield "largest differences, by directory:"
        yield from _aligned([(path, humanize.size(a), humanize.size(b), _difference(a, b)) for path, a, b in differing])


def _difference(first: int, second: int) -> str:
    if first == second:
        return "="
    sign = "+" if second > first else "-"
    factor = f" ({first / second:.0f} times smaller)" if second and first >= 2 * second else ""
    return f"{sign}{humanize.size(abs(second - first))}{factor}"


def _aligned(rows: list[tuple[str, str, str, str]]) -> list[str]:
    columns = [Column[tuple[str, str, str, str]](" ", itemgetter(number), is_number=0 < number < 3) for number in range(4)]
    return listing.table(rows, columns, cells=None)[1:]
