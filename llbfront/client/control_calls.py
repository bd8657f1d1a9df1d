"""The methods of an Engine that manage the engine itself. What they need is loaded when they are called.

Source: client/client.go of BuildKit.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from llbfront import arguments

if TYPE_CHECKING:
    from llbfront.client.control.prune import PruneResult
    from llbfront.client.control.usage import DiskUsage
    from llbfront.client.control.workers import EngineInfo, Worker
    from llbfront.client.engine_lock import EngineLock
    from llbfront.rpc.channel import Channel


class ControlCalls:
    """Disk usage, pruning, workers and the version of an engine."""

    channel: Channel
    _lock: EngineLock

    def disk_usage(self, *, filters: Iterable[str] = ()) -> DiskUsage:
        """List the records of the engine's build cache.

        Args:
            filters: select records that fulfil all of them: `type=regular`, `id=PART`, `until=24h`, `shared`, `description~=REGEXP`, …

        Raises:
            OptionError: a filter is wrong.
        """
        from llbfront.client.control import filters as reading
        from llbfront.client.control import usage

        selection = reading.parse_filters(arguments.texts(filters, "filters"))
        with self._lock.use():
            return usage.disk_usage(self.channel, selection)

    def prune(
        self,
        *,
        filters: Iterable[str] = (),
        all: bool = False,  # noqa: A002  the name of the flag
        keep_duration: str = "",
        reserved_space: str | int = 0,
        max_used_space: str | int = 0,
        min_free_space: str | int = 0,
        dry_run: bool = False,
        only: PruneResult | None = None,
    ) -> PruneResult:
        """Remove records of the engine's build cache, or say which would be removed.

        Args:
            filters: remove only records that fulfil all of them, as for `disk_usage`.
            all: remove also internal records, those of frontends, and those that images of a docker engine use.
            keep_duration: keep records that were used in this time, such as `24h`.
            reserved_space: keep at least this much: bytes, or a text such as `10GB` (units are powers of 1024).
            max_used_space: remove records, the least used first, until the cache is smaller than this.
            min_free_space: remove records until the disk of the engine has this much free space.
            dry_run: remove nothing.
            only: remove nothing but records of this result of a dry run.

        Raises:
            OptionError: a filter or a size is wrong.
        """
        from llbfront.client.control import prune
        from llbfront.client.control.sizes import parse_duration_text, parse_size

        options = prune.prune_options(
            arguments.texts(filters, "filters"),
            all=arguments.flag(all, "all"),
            keep_ns=parse_duration_text(keep_duration, "keep_duration"),
            reserved_bytes=parse_size(reserved_space, "reserved_space"),
            max_used_bytes=parse_size(max_used_space, "max_used_space"),
            min_free_bytes=parse_size(min_free_space, "min_free_space"),
        )
        with self._lock.use():
            planned = prune.plan(self.channel, options)
            if only is not None:
                planned = prune.restricted(planned, only)
            if arguments.flag(dry_run, "dry_run"):
                return planned
            return prune.remove(self.channel, planned, options)

    def workers(self, *, filters: Iterable[str] = ()) -> tuple[Worker, ...]:
        """List the workers of the engine.

        Args:
            filters: filters of containerd, such as `id==ID` or `labels."org.mobyproject.buildkit.worker.executor"==oci`.
        """
        from llbfront.client.control import workers

        with self._lock.use():
            return workers.list_workers(self.channel, arguments.texts(filters, "filters"))

    def info(self) -> EngineInfo:
        """Return the version of the engine and of the Dockerfile frontend in it."""
        from llbfront.client.control import workers

        with self._lock.use():
            return workers.engine_info(self.channel)
