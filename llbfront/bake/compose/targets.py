"""Turn the services of Compose files into targets and the group `default`.

Source: bake/compose.go of docker/buildx.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from llbfront.bake import target_attributes
from llbfront.bake.compose.checking import check_services
from llbfront.bake.compose.interpolation import substitute
from llbfront.bake.compose.loading import Loader
from llbfront.bake.compose.merging import entries as key_values
from llbfront.bake.compose.short_forms import check_resources
from llbfront.bake.dotenv import parse_dotenv
from llbfront.bake.files import DOTENV, DefinitionFile, is_file, read_local
from llbfront.bake.target import Group, Target, unique
from llbfront.bake.target_attributes import Attestation, Cache, Output, Secret, Ssh, without_duplicates
from llbfront.bake.yaml_document import read_documents, text_of
from llbfront.client.buildflags import limits
from llbfront.errors import BakeError, LlbfrontError
from llbfront.gostd.strconv import parse_bool
from llbfront.gostd.units import ram_in_bytes

SERVICE, TARGET = "service:", "target:"
PROJECT_NAME = "COMPOSE_PROJECT_NAME"


def is_compose(file: DefinitionFile, variables: Mapping[str, str]) -> bool:
    """Return whether a file is a Compose file: by its name, else by its content."""
    name = file.name.lower()
    if name.endswith((".yml", ".yaml")):
        return True
    if name.endswith((".json", ".hcl")):
        return False
    try:
        model = Loader("", variables).load([file])
    except (LlbfrontError, AttributeError, TypeError):
        return _names_services(file)
    return bool(model.get("services"))


def _names_services(file: DefinitionFile) -> bool:
    """Return whether a file that cannot be loaded is a Compose file, so that its error is the one to report."""
    try:
        documents = read_documents(file)
    except LlbfrontError:
        return False
    return any(isinstance(document, dict) and isinstance(document.get("services"), dict) for document in documents)


def compose_variables(variables: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of Compose files: the environment, `.env` of the working directory, and the command line."""
    known = dict(environ)
    if is_file(DOTENV):
        known = {**parse_dotenv(DOTENV, read_local(DOTENV).data, known), **known}
    return {PROJECT_NAME: known.get(PROJECT_NAME) or "bake", **known, **variables}


def read_compose(files: list[DefinitionFile], variables: Mapping[str, str]) -> tuple[dict[str, Target], dict[str, Group]]:
    """Read Compose files into targets and groups. Raises: BakeError."""
    variables = _with_project_name(files, variables)
    model = Loader("", variables).load(files)
    services, secrets = model.get("services") or {}, model.get("secrets") or {}
    if not services and not secrets:
        raise BakeError(f"{files[0].name}: empty compose file", hint="it has no services")
    if not isinstance(services, dict) or not isinstance(secrets, dict):
        raise BakeError(f"{files[0].name}: services and secrets must be mappings")
    check_services(services, secrets)
    check_resources(model)
    environments = {name: _environment(service or {}, variables) for name, service in services.items()}
    targets = [
        _target(name, service, secrets, {**variables, **environments[name]})
        for name, service in services.items()
        if service and service.get("build") is not None
    ]
    groups = {"default": Group("default", [target.name for target in targets], is_implied=True)} if services else {}
    return {target.name: target for target in targets}, groups


def _with_project_name(files: list[DefinitionFile], variables: Mapping[str, str]) -> Mapping[str, str]:
    """Return the variables with the name of the project, if files give it one; the last counts."""
    names = [
        document["name"]
        for file in files
        for document in read_documents(file)
        if isinstance(document, dict) and document.get("name") and isinstance(document["name"], str)
    ]
    return {**variables, PROJECT_NAME: substitute(names[-1], variables)} if names else variables


def _target(name: str, service: Mapping[str, Any], secrets: Mapping[str, Any], variables: Mapping[str, str]) -> Target:
    target_name = name.replace(".", "_")
    if not re.fullmatch(r"[a-zA-Z0-9_-]+", target_name):
        raise BakeError(f'invalid service name "{target_name}": only "[a-zA-Z0-9_-]+" are allowed')
    build = service["build"]
    target = Target(
        target_name,
        context=build.get("context") or None,
        contexts=_contexts(build.get("additional_contexts")),
        dockerfile=build.get("dockerfile") or None,
        dockerfile_inline=build.get("dockerfile_inline") or None,
        args=_arguments(build.get("args"), variables) or None,
        labels={key: value or "" for key, value in _pairs(build.get("labels")).items()} or None,
        tags=build.get("tags") or ([service["image"]] if service.get("image") else None),
        cache_from=target_attributes.read_texts(Cache, build.get("cache_from") or []) or None,
        cache_to=target_attributes.read_texts(Cache, build.get("cache_to") or []) or None,
        target=build.get("target") or None,
        secrets=[_secret(item, secrets) for item in build.get("secrets") or []] or None,
        ssh=_ssh(build.get("ssh")) or None,
        platforms=build.get("platforms") or None,
        pull=_flag(build, "pull"),
        no_cache=_flag(build, "no_cache"),
        network=build.get("network") or None,
        shm_size=_size(name, build.get("shm_size")),
        ulimits=_ulimits(build.get("ulimits")) or None,
        extra_hosts=_hosts(build.get("extra_hosts")) or None,
        attest=_attestations(build) or None,
    )
    _apply_extension(target, build.get("x-bake"))
    return target


def _pairs(value: Any) -> dict[str, str | None]:
    """Read a mapping, or a list of `KEY=VALUE`; a key alone has no value."""
    split = (str(text).partition("=") for text in key_values(value))
    return {key: text if equals else None for key, equals, text in split}


def _arguments(value: Any, variables: Mapping[str, str]) -> dict[str, str | None]:
    pairs = {key: variables.get(key) if text is None else text for key, text in _pairs(value).items()}
    return {key: text for key, text in pairs.items() if text is not None}


def _environment(service: Mapping[str, Any], variables: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a service, from which arguments without value are taken."""
    environment: dict[str, str] = {}
    for item in service.get("env_file") or []:
        path, is_required = (item, True) if isinstance(item, str) else (item.get("path"), item.get("required", True))
        if not is_file(path):
            if is_required not in {False, "false"}:
                raise BakeError(f"env file {path} not found")
            continue
        environment |= parse_dotenv(path, read_local(path).data, variables)
    own = {key: variables.get(key) if text is None else text for key, text in _pairs(service.get("environment")).items()}
    return environment | {key: text for key, text in own.items() if text is not None}


def _contexts(value: Any) -> dict[str, str] | None:
    if value is None:
        return None
    return {name: _linked(text_of(item) if item is not None else "") for name, item in value.items()}


def _linked(value: str) -> str:
    """Return the context, or for a context that is a service, the target of the service."""
    if value.startswith((SERVICE, TARGET)):
        return TARGET + value.partition(":")[2].replace(".", "_")
    return value


def _secret(item: Any, secrets: Mapping[str, Any]) -> Secret:
    source = item if isinstance(item, str) else item["source"]
    secret = secrets[source] or {}
    if secret.get("external"):
        raise BakeError(f"unsupported external secret {secret.get('name') or source}")
    return Secret(source, secret.get("file") or "", secret.get("environment") or "")


def _ssh(value: Any) -> list[Ssh]:
    pairs = _pairs(value)
    for id_, path in pairs.items():
        if path is None and id_ != "default" and isinstance(value, list):
            raise BakeError(f'invalid ssh key "{id_}"', hint="use ID=PATH")
    return sorted((Ssh(id_, [path] if path else []) for id_, path in pairs.items()), key=lambda ssh: (ssh.id, ssh.paths))


def _flag(build: Mapping[str, Any], key: str) -> bool | None:
    """Return True for a flag that is on, else None, as if the flag were absent."""
    value = build.get(key)
    is_on = parse_bool(value) if isinstance(value, str) else value
    if is_on is None and value not in {None, ""}:
        raise BakeError(f"build.{key}: invalid boolean {value}")
    return True if is_on else None


def _size(name: str, value: Any) -> str | None:
    """Return a size as docker writes it, such as `64MiB`."""
    size = value if isinstance(value, int) else ram_in_bytes(value) if value else 0
    if size is None:
        raise BakeError(f"services.{name}.build.shm_size: invalid size: '{value}'")
    if size <= 0:
        return None
    amount, unit = float(size), 0
    units = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
    while amount >= 1024 and unit < len(units) - 1:
        amount, unit = amount / 1024, unit + 1
    return f"{amount:.4g}{units[unit]}"


def _ulimits(value: Any) -> list[str]:
    texts: list[str] = []
    for name, limit in (value or {}).items():
        # Parity: docker buildx reads a limit that is one number as 0.
        soft, hard = (limit["soft"], limit["hard"]) if isinstance(limit, dict) else (0, 0)
        texts += limits.parse_ulimits([f"{name}={soft}:{hard}"])
    return texts


def _hosts(value: Any) -> dict[str, str | None]:
    addresses: dict[str, list[str]] = {}
    for text in key_values(value):
        separator = "=" if "=" in text else ":"
        host, equals, address = text.partition(separator)
        if not equals:
            raise BakeError(f"invalid additional host, missing IP: {text}")
        addresses.setdefault(host, []).extend(part.strip("[]") for part in address.split(","))
    return {host: ",".join(parts) for host, parts in addresses.items()}


def _attestations(build: Mapping[str, Any]) -> list[Attestation]:
    attestations = ((type_, build.get(type_)) for type_ in ("sbom", "provenance"))
    texts = [
        target_attributes.canonical_attestation(type_, text_of(value)) for type_, value in attestations if value not in {None, ""}
    ]
    return target_attributes.read_texts(Attestation, texts)


def _texts(value: Any) -> list[str]:
    return value.split() if isinstance(value, str) else [text_of(item) for item in value or []]


def _apply_extension(target: Target, extension: Any) -> None:
    """Add the fields of `x-bake`."""
    if not extension:
        return
    if not isinstance(extension, dict):
        raise BakeError(f"target {target.name}: x-bake must be a mapping")
    target.tags = unique([*(target.tags or []), *_texts(extension.get("tags"))]) or target.tags
    target.platforms = unique([*(target.platforms or []), *_texts(extension.get("platforms"))]) or target.platforms
    target.no_cache_filter = unique(_texts(extension.get("no-cache-filter"))) or None
    merges: tuple[tuple[str, str, type[Any], Callable[[Any], Any]], ...] = (
        ("cache-from", "cache_from", Cache, without_duplicates),
        ("cache-to", "cache_to", Cache, without_duplicates),
        ("secret", "secrets", Secret, target_attributes.last_of_each(lambda entry: entry.id)),
        ("output", "outputs", Output, without_duplicates),
    )
    for key, attribute, kind, merged in merges:
        values = target_attributes.read_texts(kind, _texts(extension.get(key)))
        if values:
            setattr(target, attribute, merged([*(getattr(target, attribute) or []), *values]))
    ssh = target_attributes.read_texts(Ssh, _texts(extension.get("ssh")))
    if ssh:
        joined = target_attributes.last_of_each(lambda entry: entry.id)([*(target.ssh or []), *ssh])
        target.ssh = sorted(joined, key=lambda entry: (entry.id, entry.paths))
    for key, attribute in (("pull", "pull"), ("no-cache", "no_cache")):
        if extension.get(key) is not None:
            setattr(target, attribute, bool(extension[key]))
    contexts = {name: _linked(text_of(value)) for name, value in (extension.get("contexts") or {}).items()}
    target.contexts = {**contexts, **(target.contexts or {})} or None
