"""Small definitions, each with a command line, in text files of this directory.

=== NAME [VARIABLE=VALUE …] [-- WORD …]       the environment and the arguments of `bake --print`
--- PATH                                      a file of the definition, up to the next line of this kind
--- as before                                 the same files as in the case above
"""

from __future__ import annotations

import itertools
import pathlib
import re
import shlex

import attrs

HERE = pathlib.Path(__file__).parent
EXPECTED = HERE / "expected.json"
AS_BEFORE = "as before"


@attrs.frozen
class Text:
    """A definition and a command line. `name` has the name of its file in front."""

    name: str
    files: dict[str, str]
    words: tuple[str, ...]
    environ: dict[str, str]

    def write(self, directory: pathlib.Path) -> None:
        """Write the files into a directory."""
        for path, content in self.files.items():
            (directory / path).parent.mkdir(parents=True, exist_ok=True)
            (directory / path).write_text(content)

    def values_of(self, flag: str) -> list[str]:
        """The values of a flag that may be repeated."""
        return [value for name, value in itertools.pairwise(self.words) if name == flag]

    @property
    def targets(self) -> list[str]:
        """The arguments that are neither flags nor their values."""
        previous = ("", *self.words)
        return [
            word
            for before, word in zip(previous, self.words, strict=False)
            if not word.startswith("-") and before not in {"-f", "--set"}
        ]


def read(path: pathlib.Path) -> list[Text]:
    """Read the cases of a file."""
    texts: list[Text] = []
    for part in re.split(r"^=== ", path.read_text(), flags=re.MULTILINE)[1:]:
        header, *sections = re.split(r"^--- ", part, flags=re.MULTILINE)
        settings, _, words = header.partition(" -- ")
        name, *environ = shlex.split(settings)
        files = dict(section.split("\n", 1) for section in sections)
        if AS_BEFORE in files:
            files = texts[-1].files
        texts.append(Text(f"{path.stem} {name}", files, tuple(shlex.split(words)), dict(pair.split("=", 1) for pair in environ)))
    return texts


TEXTS = [text for path in sorted(HERE.glob("*.txt")) for text in read(path)]
