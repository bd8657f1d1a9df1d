"""The workers of an engine and its version.

Source: client/workers.go and client/info.go of BuildKit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import attrs

from llbfront.client.control.calls import call
from llbfront.oci.platform import Platform
from llbfront.pb import control_pb2 as control
from llbfront.rpc.services.control import ControlMethods

if TYPE_CHECKING:
    from llbfront.pb import ops_pb2 as ops
    from llbfront.pb import worker_pb2 as worker
    from llbfront.rpc.channel import Channel


@attrs.frozen
class GCRule:
    """A rule by which a worker collects garbage: what it removes, and what it keeps. 0 means no limit."""

    all: bool
    filters: tuple[str, ...]
    keep_duration_ns: int
    reserved_bytes: int
    max_used_bytes: int
    min_free_bytes: int


@attrs.frozen
class Device:
    """A device that steps may use."""

    name: str
    is_allowed: bool
    is_on_demand: bool
    annotations: Mapping[str, str]


@attrs.frozen
class EngineInfo:
    """The version of an engine, and of the Dockerfile frontend in it. Empty strings where the engine does not say it."""

    package: str
    version: str
    revision: str
    dockerfile_version: str


@attrs.frozen
class Worker:
    """A worker of an engine: it runs steps and keeps their results."""

    id: str
    platforms: tuple[Platform, ...]
    labels: Mapping[str, str]
    gc_policy: tuple[GCRule, ...]
    devices: tuple[Device, ...]
    info: EngineInfo


def list_workers(channel: Channel, filters: Iterable[str] = ()) -> tuple[Worker, ...]:
    """Return the workers that filters of containerd select, by default all. Raises: OptionError for a bad filter."""
    request = control.ListWorkersRequest(filter=tuple(filters))
    return tuple(map(_worker, call(channel, ControlMethods.ListWorkers, request).record))


def engine_info(channel: Channel) -> EngineInfo:
    """Return the version of the engine."""
    return _info(call(channel, ControlMethods.Info, control.InfoRequest()).buildkitVersion)


def _worker(record: worker.WorkerRecord) -> Worker:
    return Worker(
        record.ID,
        tuple(map(_platform, record.platforms)),
        dict(sorted(record.Labels.items())),
        tuple(map(_rule, record.GCPolicy)),
        tuple(map(_device, record.CDIDevices)),
        _info(record.BuildkitVersion),
    )


def _platform(message: ops.Platform) -> Platform:
    return Platform(message.OS, message.Architecture, message.Variant, message.OSVersion, tuple(message.OSFeatures))


def _rule(policy: worker.GCPolicy) -> GCRule:
    return GCRule(
        policy.all,
        tuple(policy.filters),
        policy.keepDuration,
        policy.reservedSpace,
        policy.maxUsedSpace,
        policy.minFreeSpace,
    )


def _device(device: worker.CDIDevice) -> Device:
    return Device(device.Name, device.AutoAllow, device.OnDemand, dict(sorted(device.Annotations.items())))


def _info(version: worker.BuildkitVersion) -> EngineInfo:
    return EngineInfo(version.package, version.version, version.revision, version.dockerfileVersion)
