"""The schemas of the JSON that commands print: docs/schemas has a file for each form."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import jsonschema

ROOT = pathlib.Path(__file__).parents[2]
SCHEMAS = {path.stem: json.loads(path.read_text()) for path in sorted((ROOT / "docs/schemas").glob("*.json"))}


def problems(document: dict[str, Any]) -> list[str]:
    """Return what a document has that its schema does not allow or describe."""
    schema = SCHEMAS[document["schema"].replace("/", "-")]
    validator = jsonschema.Draft202012Validator(closed(schema))
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)]


def closed(schema: Any) -> Any:
    """Return a schema that allows only the members that it describes. For users it is open, since members may be added."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    rest = {"additionalProperties": False} if "properties" in schema and "type" in schema else {}
    return rest | {name: closed(value) for name, value in schema.items()}
