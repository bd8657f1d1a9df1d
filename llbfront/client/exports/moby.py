"""Builds by a docker engine: their exporters, and loading and pushing of images.

A docker engine keeps what it builds among its own images: its exporter `moby` replaces `image` and `docker`. Unless
containerd keeps those images it makes no archives of them, and pushes only those that it has.

Source: build/opt.go, build/build.go and driver/docker of docker/buildx.
"""

from __future__ import annotations

import base64
import functools
import json
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import attrs

from llbfront.client.buildflags.attributes import is_true
from llbfront.client.buildflags.exporters import LOAD
from llbfront.docker.api import DockerApi
from llbfront.errors import ExportError, LlbfrontError, OptionError, TransportError
from llbfront.oci import reference
from llbfront.pb import control_pb2 as control
from llbfront.progress.events import StatusEvent, Vertex
from llbfront.rpc.services.control import ControlMethods
from llbfront.session.credentials import HUB_KEY
from llbfront.session.docker_load import LoadHandler
from llbfront.session.export import CallbackTarget
from llbfront.setting_names import setting

if TYPE_CHECKING:
    from llbfront.client.buildflags.exporters import Export
    from llbfront.oci.reference import Reference
    from llbfront.rpc.channel import Channel
    from llbfront.session.credentials import Credentials, CredentialStore

MOBY = "moby"
SNAPSHOTTER = "org.mobyproject.buildkit.worker.snapshotter"
GATEWAY = "org.mobyproject.buildkit.worker.moby.host-gateway-ip"
HUB = "docker.io"
CONTEXT = "context"
BETTER = "it could with its containerd image store, or build with a buildkitd: llbfront engine start"


def has_containerd_store(channel: Channel) -> bool:
    """Return whether the docker engine of `channel` has its images in containerd's store. Raises: RpcError."""
    workers = channel.unary(ControlMethods.ListWorkers, control.ListWorkersRequest())
    return any(SNAPSHOTTER in worker.Labels for worker in workers.record)


def host_gateway(channel: Channel) -> str:
    """Return the address of the machine that a docker engine runs on, as its steps see it. Raises: OptionError, RpcError."""
    workers = channel.unary(ControlMethods.ListWorkers, control.ListWorkersRequest())
    gateway = next((worker.Labels[GATEWAY] for worker in workers.record if worker.Labels.get(GATEWAY)), None)
    if gateway is None:
        raise OptionError("this docker engine does not say what host-gateway is", hint="use the IP address of the machine")
    return gateway


def adapted(
    exports: Sequence[Export], *, has_manifests: bool, platforms: Sequence[str] = (), is_attested: bool = False
) -> tuple[Export, ...]:
    """Return `exports` as a docker engine makes them. Raises: OptionError for those that it cannot."""
    if is_attested and not has_manifests:
        raise OptionError("this docker engine cannot keep attestations", hint=BETTER)
    if len(platforms) > 1 and not has_manifests:
        raise OptionError("this docker engine builds for one platform at a time", hint=BETTER)
    return tuple(_adapted(export, has_manifests=has_manifests) for export in exports)


def _adapted(export: Export, *, has_manifests: bool) -> Export:
    if export.type == "image" or export.dest == LOAD:
        if is_true(export.attrs, "push") and is_true(export.attrs, "push-by-digest"):
            raise OptionError("a docker engine cannot push by digest", hint="build with a buildkitd: llbfront engine start")
        return attrs.evolve(export, type=MOBY, dest=None, attrs=_without_context(export))
    if export.type in {"oci", "docker"} and not has_manifests:
        raise OptionError(
            f"this docker engine cannot make an output type={export.type}",
            hint=BETTER,
        )
    return export


def loading(
    export: Export, address: str, *, platforms: Sequence[str] = (), is_attested: bool = False
) -> tuple[Export, CallbackTarget]:
    """Return how an engine has to export an image that is loaded into the docker engine at `address`, and the target of that.

    Raises: ExportError if that engine does not answer, OptionError if it cannot hold such an image.
    """
    api = DockerApi(address)
    try:
        has_manifests = api.has_containerd_store()
    except TransportError as error:
        raise ExportError(error.message, hint=error.hint) from None
    if len(platforms) > 1 and not has_manifests:
        raise OptionError(
            "cannot load several platforms at once into this docker engine",
            hint=f"build for one platform, or push with {setting('push')}",
        )
    if is_attested and not has_manifests:
        raise OptionError("this docker engine cannot keep attestations", hint="push the image, or build without attestations")
    export = attrs.evolve(export, type="oci" if has_manifests else "docker", attrs=_without_context(export))
    return export, CallbackTarget(functools.partial(LoadHandler, api.load_images))


def _without_context(export: Export) -> dict[str, str]:
    return {key: value for key, value in export.attrs.items() if key != CONTEXT}


def push(channel: Channel, address: str, export: Export, store: CredentialStore, show: Callable[[StatusEvent], None]) -> str | None:
    """Have a docker engine push the image that it has just built, by all its names; return the digest of its manifest.

    `show` gets each as a step of the build. Raises: ExportError with the reason of the registry.
    """
    names = [reference.parse(name).with_default_tag() for name in export.attrs.get("name", "").split(",") if name]
    api, digest = DockerApi(address), None
    for name in names:
        step = Vertex(f"push {name}", f"pushing {name} with docker", started_ns=time.time_ns())
        show(StatusEvent((step,)))
        job = channel.submit(functools.partial(_push, api, name, store))
        channel.wait(functools.partial(getattr, job, "done"))
        try:
            digest = job.result() or digest
            show(StatusEvent((attrs.evolve(step, completed_ns=time.time_ns()),)))
        except LlbfrontError as error:
            show(StatusEvent((attrs.evolve(step, completed_ns=time.time_ns(), error=error.message),)))
            raise ExportError(f"cannot push {name}: {error.message}", hint=error.hint) from None
    return digest


def _push(api: DockerApi, name: Reference, store: CredentialStore) -> str | None:
    return api.push(name.name, name.tag or "", login=login(name.domain, store.find(name.domain)))


def is_pushed_by_us(export: Export, *, has_manifests: bool) -> bool:
    """Return whether the client must push this output, because the docker engine does not."""
    return export.type == MOBY and is_true(export.attrs, "push") and not has_manifests


def login(domain: str, credentials: Credentials) -> str:
    """Return what a docker engine logs in to a registry with, as X-Registry-Auth says it."""
    fields = {
        "username": credentials.username,
        "password": credentials.password,
        "identitytoken": credentials.identity_token,
        "registrytoken": credentials.registry_token,
        "serveraddress": HUB_KEY if domain == HUB else domain,
    }
    return base64.urlsafe_b64encode(json.dumps({key: value for key, value in fields.items() if value}).encode()).decode()
