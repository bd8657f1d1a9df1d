"""Readers of the tables under tests/data/dockerfile."""

import pathlib

DATA = pathlib.Path(__file__).parent.parent / "data" / "dockerfile"


def expansions() -> list[tuple[dict[str, str], str, str, str]]:
    """The variables, the mode, the word and what becomes of it, for each line of the table."""
    env: dict[str, str] = {}
    results = []
    mode = ""
    for line in (DATA / "expansion.txt").read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        if line.startswith("mode: "):
            mode = line.removeprefix("mode: ")
        elif " | " in f"{line} ":
            word, expected = (_unescape(part.strip()) for part in f"{line} ".split(" | ", 1))
            results.append((env, mode, word, expected))
        else:
            name, value = line.split("=", 1)
            env[name] = _unescape(value)
    return results


def _unescape(text: str) -> str:
    return text.replace("\\\\", "\0").replace("\\n", "\n").replace("\\t", "\t").replace("\0", "\\")
