"""Compare the message of an error with the reference's. Where ours differs on purpose, REWORDED holds our words."""

from __future__ import annotations

import re

HINT = re.compile(r" \(did you mean ([^?]*)\?(?:; [^)]*)?\)\Z")
PREFIX = re.compile(r"\A(?:failed to solve with frontend \S+: )?(?:dockerfile parse error on line \d+: )?")
REWORDED = (  # what the reference says, and what of it we do
    (r"strconv\.Parse(?:Int|Uint|Bool): ", ""),  # nobody has to know which function failed
    (r"(: invalid \w+ value: \S+): .*", r"\1"),  # the reason is our hint
    (r", can only have up to two, .*", ""),
    (r"(failed to unmarshal cache-imports [^:]*): .*", r"\1"),
    (r"failed to parse image config: json: .*", "failed to parse image config"),
    (r": requested prerelease feature .*", ""),
)
CONTROL = {code: f"\\x{code:02x}" for code in (*range(32), *range(0x7F, 0xA0))} | {ord("\n"): "\\n", ord("\t"): "\\t"}


def says(ours: str, theirs: str) -> bool:
    """Whether our message holds the reference's, but for its suggestion and the line before it."""
    return plain(HINT.sub("", PREFIX.sub("", theirs))) in plain(ours)


def plain(text: str) -> str:
    """A message without what we word otherwise."""
    for old, new in REWORDED:
        text = re.sub(old, new, text, flags=re.DOTALL)
    return text.strip().translate(CONTROL)
