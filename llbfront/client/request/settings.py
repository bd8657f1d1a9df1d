"""The settings of a build in one table: the command's flag, the argument of `Engine.build`, the field of BuildRequest.

A test holds the command, the signatures and BuildRequest to this table.

Source: commands/build.go of docker/buildx.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import attrs

from llbfront import arguments
from llbfront.client.request import converters
from llbfront.client.request.build_request import BuildRequest


@attrs.frozen
class Setting:
    """A setting of a build. An empty name means that there is none there; `reason` says why.

    `convert` reads the argument of the library, and the values of the flag unless `convert_flag` does.
    """

    flag: str
    argument: str
    field: str
    convert: arguments.Convert | None = None
    convert_flag: Callable[[Any], Any] | None = None
    reason: str = ""


SETTINGS = (
    Setting("PATH", "context", "context", converters.context),
    Setting("file", "file", "file", converters.dockerfile),
    Setting("target", "target", "target", arguments.optional_text),
    Setting("tag", "tags", "tags", arguments.texts),
    Setting("output", "output", "outputs", converters.outputs),
    Setting("push", "push", "push", arguments.flag),
    Setting("load", "load", "load", arguments.flag),
    Setting("platform", "platforms", "platforms", converters.platforms),
    Setting("build-arg", "build_args", "build_args", converters.build_args, converters.build_arg_texts),
    Setting("label", "labels", "labels", converters.labels, converters.label_texts),
    Setting("secret", "secrets", "secrets", converters.secrets),
    Setting("ssh", "ssh", "ssh", converters.ssh),
    Setting("build-context", "build_contexts", "build_contexts", converters.build_contexts, converters.build_context_texts),
    Setting("no-cache", "no_cache", "no_cache", arguments.flag),
    Setting("no-cache-filter", "no_cache_filter", "no_cache_filter", arguments.listed),
    Setting("pull", "pull", "pull", arguments.flag),
    Setting("network", "network", "network", converters.network),
    Setting("cache-from", "cache_from", "cache_from", converters.cache_from),
    Setting("cache-to", "cache_to", "cache_to", converters.cache_to),
    Setting("attest", "attest", "attestations", converters.attestations),
    Setting("sbom", "sbom", "attestations", converters.sbom),
    Setting("provenance", "provenance", "attestations", converters.provenance),
    Setting("annotation", "annotations", "annotations", converters.annotation_values, converters.annotation_texts),
    Setting("add-host", "add_hosts", "hosts", converters.hosts),
    Setting("ulimit", "ulimits", "ulimits", converters.ulimits),
    Setting("shm-size", "shm_size", "shm_size_bytes", converters.shm_size),
    Setting("cgroup-parent", "cgroup_parent", "cgroup_parent", converters.cgroup_parent),
    Setting("allow", "allow", "allow", converters.allow),
    Setting("resource", "resources", "resources", converters.resources, converters.resource_texts),
    Setting("syntax", "syntax", "syntax", arguments.optional_text),
    Setting("source-policy-file", "source_policy", "source_policy", arguments.optional_local_path),
    Setting("frontend", "frontend", "", reason="Engine.run takes it in addition to the request"),
    Setting("", "on_event", "", reason="the command shows progress itself"),
    Setting("progress", "", "", reason="a program gets status events with on_event"),
    Setting("quiet", "", "", reason="the library prints nothing"),
    Setting("metadata-file", "", "", reason="BuildResult.metadata"),
    Setting("iidfile", "", "", reason="BuildResult.image_id"),
    Setting("no-record", "record", "", reason="the command records builds by default, the library does not"),
    Setting("addr", "", "", reason="the address of llbfront.connect"),
    Setting("debug", "", "", reason="Engine.address and Engine.version() say which engine is used"),
    Setting("engine", "", "", reason="llbfront.connect(start=True)"),
    Setting("call", "", "", reason="llbfront.convert: facts, and findings of the checks"),
    Setting("check", "", "", reason="llbfront.convert: facts.findings"),
)


def build_request(values: Mapping[str, Any]) -> BuildRequest:
    """Make a request of arguments of `Engine.build`, by name. Errors name the argument.

    Raises:
        ArgumentError: an argument has the wrong type.
        OptionError, ContextError, InvalidValue: a bad value.
    """
    return _request(
        (setting, setting.convert(values[setting.argument], setting.argument))
        for setting in SETTINGS
        if setting.convert and setting.argument in values
    )


def request_of_flags(values: Mapping[str, Any]) -> BuildRequest:
    """Make a request of flags of `llbfront build`, by name without dashes.

    Raises:
        OptionError, ContextError, InvalidValue: a bad value.
    """
    return _request(
        (
            setting,
            setting.convert_flag(values[setting.flag])
            if setting.convert_flag
            else setting.convert(values[setting.flag], setting.argument),
        )
        for setting in SETTINGS
        if setting.convert and setting.flag in values
    )


def _request(values: Iterable[tuple[Setting, Any]]) -> BuildRequest:
    fields: dict[str, Any] = {}
    for setting, value in values:
        fields[setting.field] = _merged(fields[setting.field], value) if setting.field in fields else value
    return BuildRequest(**fields)


def _merged(earlier: Mapping[str, Any], later: Mapping[str, Any]) -> dict[str, Any]:
    """Join the attestations of several arguments; a later None removes one."""
    return {key: value for key, value in {**earlier, **later}.items() if value is not None}
