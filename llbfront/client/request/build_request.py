"""BuildRequest: one build as a checked value, in the terms of docker buildx, and the frontend options that follow from it.

Source: commands/build.go and build/opt.go of docker/buildx.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, BinaryIO

import attrs

from llbfront import arguments
from llbfront.client.buildflags import exporters
from llbfront.client.request import converters, syntax
from llbfront.client.request.value_checks import check_attributes, check_settings, check_values
from llbfront.errors import OptionError
from llbfront.files.writing import refuse_same_output
from llbfront.oci import platform
from llbfront.printable import is_utf8
from llbfront.setting_names import setting
from llbfront.short_repr import ShortRepr

if TYPE_CHECKING:
    from llbfront.client.buildflags.caches import CacheOptionsEntry
    from llbfront.client.buildflags.exporters import Export
    from llbfront.client.buildflags.secrets import SecretSource
    from llbfront.inspection.graph import Graph
    from llbfront.llb.definition import Definition
    from llbfront.llb.state import State
    from llbfront.oci.platform import Platform
    from llbfront.session.ssh import SshAgent
    from llbfront.session.ssh_keys import KeyAgent

NETWORKS = ("default", "none", "host")
PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY")


def _shown_input(value: object) -> str:
    """Show a path as it is, and only the type of a value in memory."""
    return repr(value) if value is None or isinstance(value, str) else f"<{type(value).__name__}>"


@attrs.frozen(repr=False, field_transformer=arguments.checked)
class BuildRequest(ShortRepr):
    """A build, for `Engine.run`. Each field has the type and the meaning of the argument of `Engine.build` with the same name.

    Args:
        context: the build context.
        file: the Dockerfile.
        target: the stage to build.
        platforms: the platforms to build for.
        build_args: values of ARGs.
        labels: labels of the image.
        tags: names of the image.
        outputs: where the result goes (`output` of `Engine.build`).
        push: push the image.
        load: load the image into the docker engine.
        no_cache: run every step again.
        no_cache_filter: stages whose steps to run again.
        pull: ask the registry for base images.
        secrets: secrets.
        build_contexts: other contexts by name.
        network: network of RUN steps that name none.
        ssh: SSH agents and keys.
        cache_from: caches to take steps from.
        cache_to: caches to write.
        attestations: attributes of attestations by type.
        annotations: annotations of the image by key.
        hosts: pairs of a name and an address (`add_hosts` of `Engine.build`).
        ulimits: limits of RUN steps.
        shm_size_bytes: size of /dev/shm in RUN steps.
        cgroup_parent: the parent cgroup of RUN steps.
        allow: entitlements.
        resources: limits of RUN steps, such as `{"memory": "2g"}`.
        syntax: the image of a frontend, or `builtin`; None leaves it to the Dockerfile.
        source_policy: the path of a source policy.

    Example:
        >>> import llbfront
        >>> llbfront.BuildRequest("app", tags="app:test", build_args={"VERSION": 10}).tags
        ('app:test',)
    """

    context: str | bytes | BinaryIO = attrs.field(default=".", converter=converters.context, repr=_shown_input)
    file: str | bytes | None = attrs.field(default=None, converter=converters.dockerfile, repr=_shown_input)
    target: str | None = None
    platforms: tuple[str, ...] = attrs.field(default=(), converter=converters.platforms)
    build_args: Mapping[str, str] = attrs.field(default=None, repr=False, converter=converters.build_args)
    labels: Mapping[str, str] = attrs.field(default=None, converter=converters.labels)
    tags: tuple[str, ...] = attrs.field(default=(), converter=arguments.texts)
    outputs: tuple[Export, ...] = attrs.field(default=(), converter=converters.outputs)
    push: bool = False
    load: bool = False
    no_cache: bool = False
    no_cache_filter: tuple[str, ...] = attrs.field(default=(), converter=arguments.listed)
    pull: bool = False
    secrets: tuple[SecretSource, ...] = attrs.field(default=(), converter=converters.secrets)
    build_contexts: Mapping[str, str | Graph | Definition | State] = attrs.field(default=None, converter=converters.build_contexts)
    network: str = attrs.field(default="default", converter=converters.network)
    ssh: Mapping[str, SshAgent | KeyAgent] = attrs.field(default=None, converter=converters.ssh)
    cache_from: tuple[CacheOptionsEntry, ...] = attrs.field(default=(), converter=converters.cache_from)
    cache_to: tuple[CacheOptionsEntry, ...] = attrs.field(default=(), converter=converters.cache_to)
    attestations: Mapping[str, str] = attrs.field(default=None, converter=converters.attestations)
    annotations: Mapping[str, str] = attrs.field(default=None, converter=converters.annotation_values)
    hosts: tuple[tuple[str, str], ...] = attrs.field(default=(), converter=converters.hosts)
    ulimits: tuple[str, ...] = attrs.field(default=(), converter=converters.ulimits)
    shm_size_bytes: int = attrs.field(default=0, converter=converters.shm_size)
    cgroup_parent: str = attrs.field(default="", converter=converters.cgroup_parent)
    allow: tuple[str, ...] = attrs.field(default=(), converter=converters.allow)
    resources: Mapping[str, str] = attrs.field(default=None, converter=converters.resources)
    syntax: str | None = None
    source_policy: str | None = attrs.field(default=None, converter=arguments.optional_local_path)

    def __attrs_post_init__(self) -> None:
        _check_texts(self)
        for tag in self.tags:
            exporters.check_name(tag)
        for text in self.platforms:
            _platform(text)
        exports = exporters.plan(self.outputs, tags=self.tags, push=self.push, load=self.load)
        caches = [(cache.attrs["dest"], "the cache") for cache in self.cache_to if cache.type == "local"]
        refuse_same_output([*exporters.destinations(exports), *caches])
        if self.network not in NETWORKS:
            raise OptionError(f"unknown network mode {self.network}", hint=f"one of {', '.join(NETWORKS)}")
        if self.no_cache and self.no_cache_filter:
            raise OptionError(f"{setting('no_cache')} and {setting('no_cache_filter')} cannot be used together")


def _check_texts(request: BuildRequest) -> None:
    """Refuse characters that a string of a request cannot hold. Raises: OptionError."""
    check_settings(
        {
            "target": [request.target or ""],
            "network": [request.network],
            "syntax": [request.syntax or ""],
            "cgroup parent": [request.cgroup_parent],
            "platform": request.platforms,
            "tag": request.tags,
            "stage without cache": request.no_cache_filter,
            "name of a build context": request.build_contexts,
            "id of a secret": [secret.id for secret in request.secrets],
            "id of an SSH agent": request.ssh,
            "host": [text for pair in request.hosts for text in pair],
            "limit": (*request.ulimits, *request.resources.values()),
            "entitlement": request.allow,
            "attestation": request.attestations.values(),
        }
    )
    check_values("build argument", request.build_args)
    check_values("label", request.labels)
    check_values("annotation", request.annotations)
    for cache in (*request.cache_from, *request.cache_to):
        check_attributes("cache", cache.attrs)
    for export in request.outputs:
        check_attributes("output", export.attrs)


def _platform(text: str) -> Platform:
    """Read a platform; `local` is the platform of this machine. Raises: InvalidPlatform."""
    return platform.default() if text == "local" else platform.parse(text)


def frontend_options(request: BuildRequest) -> dict[str, str]:
    """Return the frontend options of a request, without the options of its inputs."""
    options = syntax.frontend_options(request.build_args, request.syntax)
    options |= {f"label:{name}": value for name, value in request.labels.items()}
    if request.target:
        options["target"] = request.target
    if request.platforms:
        options["platform"] = ",".join(str(_platform(text)) for text in request.platforms)
    if request.no_cache or request.no_cache_filter:
        options["no-cache"] = ",".join(request.no_cache_filter)
    if request.pull:
        options["image-resolve-mode"] = "pull"
    if request.network != "default":
        options["force-network-mode"] = request.network
    options |= {f"attest:{kind}": attributes for kind, attributes in request.attestations.items()}
    if request.hosts:
        options["add-hosts"] = ",".join(f"{name}={address}" for name, address in request.hosts)
    if request.ulimits:
        options["ulimit"] = ",".join(request.ulimits)
    if request.shm_size_bytes:
        options["shm-size"] = str(request.shm_size_bytes)
    if request.cgroup_parent:
        options["cgroup-parent"] = request.cgroup_parent
    return {**options, **request.resources}


def annotation_attributes(request: BuildRequest) -> dict[str, str]:
    """Return the annotations of a request as attributes of exporters."""
    if not request.annotations:
        return {}
    from llbfront.client.buildflags import image_annotations

    return image_annotations.annotation_attributes(request.annotations)


def entitlements(request: BuildRequest) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*(("network.host",) if request.network == "host" else ()), *request.allow)))


def check_texts(options: Mapping[str, str], others: Iterable[Export | CacheOptionsEntry] = ()) -> None:
    """Refuse options of the frontend and attributes of outputs and caches that are not UTF-8. Raises: OptionError."""
    pairs = [*options.items(), *(pair for other in others for pair in other.attrs.items())]
    for name, value in pairs:
        if not is_utf8(name + value):
            raise OptionError(f"{name}={value} is not UTF-8", hint="engines accept only UTF-8")
