"""Where the results of a build go besides files: into docker engines, and through them into registries.

A DeliveryPlan is planned from the exports, the engine that builds, and a function that finds a docker engine.

Source: build/opt.go and build/build.go of docker/buildx.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import attrs

from llbfront.client.exports.exporter_response import CONFIG_DIGEST, DIGEST
from llbfront.errors import ExportError, OptionError

if TYPE_CHECKING:
    from llbfront.client.buildflags.exporters import Export
    from llbfront.client.request.build_request import BuildRequest
    from llbfront.progress.events import StatusEvent
    from llbfront.rpc.channel import Channel
    from llbfront.session.credentials import CredentialStore
    from llbfront.session.export import Target

DOCKER_SCHEMES = ("docker://", "docker+tcp://", "docker+ssh://")


@attrs.frozen
class DeliveryPlan:
    """`exports` are as the engine has to make them, `loads` where those go that are loaded, by number; `pushed` are pushed afterwards."""

    exports: tuple[Export, ...] = ()
    loads: Mapping[int, Target] = attrs.field(factory=dict)
    pushed: tuple[Export, ...] = ()


class ImageDelivery:
    """Deliver results of an engine at an address.

    `find_docker` finds the docker engine of a docker context, or the default one. It is called only when an image is to be loaded.
    """

    def __init__(self, channel: Channel, address: str, find_docker: Callable[[str | None], str] | None = None) -> None:
        self.channel, self.address, self.find_docker = channel, address, find_docker
        self.is_docker = address.startswith(DOCKER_SCHEMES)

    def plan(self, exports: tuple[Export, ...], *, platforms: Sequence[str] = (), is_attested: bool = False) -> DeliveryPlan:
        """Find out what docker engines have to do with `exports`. Raises: OptionError, ExportError for what they cannot."""
        if not (self.is_docker or any(export.is_loaded for export in exports)):
            return DeliveryPlan(exports)
        from llbfront.client.exports import moby

        if self.is_docker:
            has_manifests = moby.has_containerd_store(self.channel)
            adapted = moby.adapted(exports, has_manifests=has_manifests, platforms=platforms, is_attested=is_attested)
            pushed = tuple(export for export in adapted if moby.is_pushed_by_us(export, has_manifests=has_manifests))
            return DeliveryPlan(adapted, pushed=pushed)
        if self.find_docker is None:
            raise ExportError("no docker engine to load the image into", hint="to write a file instead, use type=docker,dest=FILE")
        placed, loads = list(exports), {}
        for number, export in enumerate(exports):
            if export.is_loaded:
                docker = self.find_docker(export.attrs.get(moby.CONTEXT))
                placed[number], loads[number] = moby.loading(export, docker, platforms=platforms, is_attested=is_attested)
        return DeliveryPlan(tuple(placed), loads)

    def with_hosts(self, request: BuildRequest) -> BuildRequest:
        """Replace `host-gateway` by the address of docker's host. Raises: OptionError without docker."""
        if not request.hosts:
            return request
        from llbfront.client.buildflags.hosts import HOST_GATEWAY

        if all(address != HOST_GATEWAY for _, address in request.hosts):
            return request
        if not self.is_docker:
            raise OptionError(f"only docker engines know what {HOST_GATEWAY} is", hint="use the IP address of the machine")
        from llbfront.client.exports import moby

        gateway = moby.host_gateway(self.channel)
        hosts = tuple((name, gateway if address == HOST_GATEWAY else address) for name, address in request.hosts)
        return attrs.evolve(request, hosts=hosts)

    def push(
        self,
        plan: DeliveryPlan,
        response: Mapping[str, str],
        *,
        store: CredentialStore,
        show: Callable[[StatusEvent], None],
    ) -> Mapping[str, str]:
        """Have pushed what a docker engine leaves to its client; return the response with the digest in the registry."""
        if not plan.pushed:
            return response
        from llbfront.client.exports import moby

        for export in plan.pushed:
            digest = moby.push(self.channel, self.address, export, store, show)
            config = {CONFIG_DIGEST: response[DIGEST]} if DIGEST in response and CONFIG_DIGEST not in response else {}
            response = {**response, **config, **({DIGEST: digest} if digest else {})}
        return response
