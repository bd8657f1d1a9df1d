"""Variables that Codefresh sets about the commit of a pipeline.

Source: the documentation of Codefresh pipelines (variables).
"""

from __future__ import annotations

import re
import subprocess


def git_variables(directory: str) -> dict[str, str]:
    """Return the variables that Codefresh sets about the commit and that a git checkout can tell."""
    branch = _git(directory, "rev-parse", "--abbrev-ref", "HEAD")
    revision = _git(directory, "rev-parse", "HEAD")
    variables = {}
    if revision:
        variables = {"CF_REVISION": revision, "CF_SHORT_REVISION": revision[:7]}
    if branch and branch != "HEAD":
        normalized = re.sub(r"[^a-zA-Z0-9._-]", "-", branch)
        variables |= {
            "CF_BRANCH": branch,
            "CF_BRANCH_TAG_NORMALIZED": normalized,
            "CF_BRANCH_TAG_NORMALIZED_LOWER_CASE": normalized.lower(),
        }
    return variables


def _git(directory: str, *words: str) -> str | None:
    try:
        finished = subprocess.run(
            ["git", "-C", directory or ".", *words],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            timeout=10,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return finished.stdout.strip() if finished.returncode == 0 else None
