"""Variables of Codefresh pipelines: `${{NAME}}`.

Source: the documentation of Codefresh pipelines (variables).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

REFERENCE = re.compile(r"\$\{\{([^{}]+)\}\}")


def expand(text: str, variables: Mapping[str, str]) -> str:
    """Replace variables by their values; unknown ones stay as they are."""
    return REFERENCE.sub(lambda match: variables.get(match[1].strip(), match[0]), text)


def unknown(text: str) -> list[str]:
    """Return the variables that a string still names."""
    return list(dict.fromkeys(name.strip() for name in REFERENCE.findall(text)))
