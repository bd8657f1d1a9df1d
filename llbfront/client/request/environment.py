"""Read the defaults of a build from environment variables and from docker's configuration file.

docs/environment.md lists all that docker buildx and buildctl read, from the table in `environment_table`.

Source: commands/build.go, build/opt.go and store/storeutil of docker/buildx; cmd/buildctl/build/util.go of BuildKit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from llbfront.docker import config as docker_config
from llbfront.errors import InvalidJson, InvalidPlatform, LlbfrontError, OptionError
from llbfront.gostd.strconv import parse_bool
from llbfront.oci import platform as platforms

if TYPE_CHECKING:
    from llbfront.client.buildflags.exporters import Export
    from llbfront.client.request.build_request import BuildRequest

EPOCH = "SOURCE_DATE_EPOCH"
DEFAULT_PLATFORM = "DOCKER_DEFAULT_PLATFORM"
INLINE_CACHE = "BUILDKIT_INLINE_CACHE"
GIT_LABELS = "BUILDX_GIT_LABELS"
BUILDER = "BUILDX_BUILDER"
METADATA_WARNINGS = "BUILDX_METADATA_WARNINGS"
NO_DEFAULT_LOAD = "BUILDX_NO_DEFAULT_LOAD"
SOURCE_POLICY = "EXPERIMENTAL_BUILDKIT_SOURCE_POLICY"
NO_DEFAULT_OCI_ARTIFACT = "BUILDX_NO_DEFAULT_OCI_ARTIFACT"
# Keys of `proxies` in docker's configuration, and the build arguments that they become, in upper and lower case.
PROXIES = {
    "httpProxy": "HTTP_PROXY",
    "httpsProxy": "HTTPS_PROXY",
    "ftpProxy": "FTP_PROXY",
    "noProxy": "NO_PROXY",
    "allProxy": "ALL_PROXY",
}
_DOCKER_SCHEMES = {"docker": "unix", "docker+tcp": "tcp", "docker+ssh": "ssh"}


def apply(request: BuildRequest, environ: Mapping[str, str]) -> BuildRequest:
    """Return the request with the settings of the environment. Settings of the request take precedence.

    Raises:
        OptionError: a variable has a bad value.
    """
    changes: dict[str, Any] = {}
    if request.source_policy is None and environ.get(SOURCE_POLICY):
        changes["source_policy"] = environ[SOURCE_POLICY]
    if not request.platforms and environ.get(DEFAULT_PLATFORM):
        changes["platforms"] = _default_platforms(environ[DEFAULT_PLATFORM])
    if build_args := _epoch(request.build_args, environ):
        changes["build_args"] = {**build_args, **request.build_args}
    if parse_bool(request.build_args.get(INLINE_CACHE, "")) and all(cache.type != "inline" for cache in request.cache_to):
        from llbfront.client.buildflags.caches import CacheOptionsEntry

        changes["cache_to"] = (*request.cache_to, CacheOptionsEntry("inline"))
    return attrs.evolve(request, **changes) if changes else request


def with_proxies(
    request: BuildRequest, environ: Mapping[str, str], address: str, report: Callable[[str], None] = lambda _: None
) -> BuildRequest:
    """Return the request with build arguments for the proxies that docker's configuration names for an engine.

    Args:
        request: what to build. Its own build arguments take precedence, in any letter case.
        environ: the environment, which may name the configuration file.
        address: the address of the engine.
        report: called with a warning if the file cannot be read. Like docker, a build then goes on without it.
    """
    build_args = _proxy_args(request.build_args, environ, address, report)
    return attrs.evolve(request, build_args={**build_args, **request.build_args}) if build_args else request


def default_exports(environ: Mapping[str, str], *, is_docker: bool) -> tuple[Export, ...]:
    """Return the outputs of a build that names none: docker engines keep the result, except with BUILDX_NO_DEFAULT_LOAD.

    Raises: OptionError.
    """
    from llbfront.client.buildflags.exporters import Export

    return (Export("image"),) if is_docker and not is_set(environ, NO_DEFAULT_LOAD) else ()


def with_artifact_default(exports: tuple[Export, ...], environ: Mapping[str, str]) -> tuple[Export, ...]:
    """Return the outputs with the default that BUILDX_NO_DEFAULT_OCI_ARTIFACT sets. Raises: OptionError."""
    if not is_set(environ, NO_DEFAULT_OCI_ARTIFACT):
        return exports
    return tuple(
        attrs.evolve(export, attrs={"oci-artifact": "false", **export.attrs}) if export.type in {"image", "oci"} else export
        for export in exports
    )


def is_set(environ: Mapping[str, str], name: str) -> bool:
    """Return a variable that is true or false; False when it is unset or empty. Raises: OptionError for another value."""
    text = environ.get(name, "")
    value = parse_bool(text) if text else False
    if value is None:
        raise OptionError(f"invalid value {text!r} of {name}", hint="use true or false")
    return value


def _default_platforms(text: str) -> tuple[str, ...]:
    names = tuple(part.strip() for part in text.split(",") if part.strip())
    for name in names:
        try:
            _ = name == "local" or platforms.parse(name)
        except InvalidPlatform as error:
            raise OptionError(f"invalid value {text!r} of {DEFAULT_PLATFORM}: {error.message}", hint=error.hint) from None
    return names


def _epoch(build_args: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    epoch = environ.get(EPOCH, "")
    return {EPOCH: epoch} if epoch and EPOCH not in build_args else {}


def _proxy_args(
    build_args: Mapping[str, str], environ: Mapping[str, str], address: str, report: Callable[[str], None]
) -> dict[str, str]:
    """Return the build arguments for proxies that are not given, in any letter case."""
    try:
        configured = proxies(environ, address)
    except LlbfrontError as error:
        report(f"llbfront: warning: {error}; its proxies are not used")
        return {}
    folded = {name.upper() for name in build_args}
    return {name: value for name, value in configured.items() if name.upper() not in folded}


def proxies(environ: Mapping[str, str], address: str) -> dict[str, str]:
    """Return the build arguments for the proxies that docker's configuration names for an engine, or for all engines.

    Raises:
        LlbfrontError: the file cannot be read, or does not hold strings there.
    """
    try:
        configured = docker_config.load(environ).object("proxies")
        key = next((key for key in _addresses(address) if key in configured.members), "default")
        entry = configured.entry(key)
        values = {variable: entry.text(name) for name, variable in PROXIES.items()}
    except InvalidJson as error:
        raise LlbfrontError(f"cannot read the docker config {docker_config.path(environ)}: {error.message}") from None
    return {name: value for variable, value in values.items() if value for name in (variable, variable.lower())}


def _addresses(address: str) -> tuple[str, ...]:
    """Return the names that `proxies` may have for an engine: its address here, and the one that docker calls it by."""
    scheme, separator, rest = address.partition("://")
    if scheme not in _DOCKER_SCHEMES:
        return (address,)
    return address, f"{_DOCKER_SCHEMES[scheme]}{separator}{rest.partition('?')[0]}"
