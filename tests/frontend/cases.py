"""Cases for the in-process bridge: a Dockerfile with options and images, and the names of the steps in an answer."""

from __future__ import annotations

from typing import Any


def case(dockerfile: str, **opts: str) -> dict[str, Any]:
    """Return a case: a Dockerfile with frontend options."""
    return {"id": "", "dockerfile": dockerfile, "opts": {key.replace("_", "-"): value for key, value in opts.items()}}


def with_images(dockerfile: str, triggers: dict[str, list[str]], **opts: str) -> dict[str, Any]:
    """Return a case whose images have ONBUILD triggers."""
    images = {
        f"docker.io/library/{name}:latest": {"config": {"config": {"OnBuild": on_build}}} for name, on_build in triggers.items()
    }
    return {**case(dockerfile, **opts), "images": images}


def names(result: dict[str, Any]) -> list[str]:
    """Return the names of the ops of an answer."""
    descriptions = (result["metadata"].get(digest, {}).get("description", {}) for digest in result["ops"])
    return [description["llb.customname"] for description in descriptions if "llb.customname" in description]
