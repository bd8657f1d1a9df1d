"""The methods of an Engine that manage the engine itself. What they need is loaded when they are called.

Source: client/client.go of BuildKit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from llbfront import arguments
from llbfront.client.solve.running_solve import require_sync
from llbfront.errors import InvalidDigest, OptionError

if TYPE_CHECKING:
    from llbfront.client.control.history import Attachment, BuildRecord, HistoryEvent
    from llbfront.client.control.prune import PruneResult
    from llbfront.client.control.usage import DiskUsage
    from llbfront.client.control.workers import EngineInfo, Worker
    from llbfront.client.engine_lock import EngineLock
    from llbfront.progress.events import StatusEvent
    from llbfront.rpc.channel import Channel


class EngineControl:
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
            all: also remove internal records, records of frontends, and records that images of a docker engine use.
            keep_duration: keep records that were used in this time, such as `24h`.
            reserved_space: keep at least this much: bytes, or a string such as `10GB` (units are powers of 1024).
            max_used_space: remove records, the least used first, until the cache is smaller than this.
            min_free_space: remove records until the disk of the engine has this much free space.
            dry_run: remove nothing.
            only: remove nothing but records of this result of a dry run.

        Raises:
            OptionError: a filter or a size is wrong.
        """
        from llbfront.client.control import prune

        options = prune.prune_options(
            filters,
            all=all,
            keep_duration=keep_duration,
            reserved_space=reserved_space,
            max_used_space=max_used_space,
            min_free_space=min_free_space,
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

    def history(self, *, filters: Iterable[str] = ()) -> tuple[BuildRecord, ...]:
        """List the builds that the engine remembers, the newest first.

        Args:
            filters: select records that fulfil all of them: `status=error`, `repository=TEXT`, `ref=TEXT`, `startedAt>24h`, `duration>5m`, …

        Raises:
            OptionError: a filter is wrong.
        """
        from llbfront.client.control import history
        from llbfront.client.control.history_filters import parse_history_filters

        selection = parse_history_filters(arguments.texts(filters, "filters"))
        with self._lock.use():
            return tuple(map(history.build_record, history.messages(self.channel, filters=selection)))

    def build_record(self, ref: str | None = None) -> BuildRecord:
        """Return what the engine remembers of a build.

        Args:
            ref: its ref (`BuildResult.ref`) or the beginning of it, `^N` for the one before the N last ones, None for the last.

        Raises:
            OptionError: no record matches, or several do.
        """
        from llbfront.client.control import history

        with self._lock.use():
            return history.build_record(history.resolve(history.messages(self.channel), arguments.optional_text(ref, "ref")))

    def build_logs(self, ref: str, *, on_event: Callable[[StatusEvent], object]) -> None:
        """Replay the progress of a build; of one that runs, until its end.

        Args:
            ref: the full ref of the build.
            on_event: called with each status event.
        """
        from llbfront.client.control import history

        name, listener = arguments.text(ref, "ref"), arguments.callback(on_event, "on_event")
        with self._lock.use():
            for event in history.logs(self.channel, name):
                require_sync(listener(event))

    def build_attachments(self, ref: str | None = None) -> tuple[Attachment, ...]:
        """List the attestations of a build, and the index, manifests and configs of its images. `ref` is that of `build_record`."""
        from llbfront.client.control import attachments, history

        with self._lock.use():
            message = history.resolve(history.messages(self.channel), arguments.optional_text(ref, "ref"))
            return tuple(attachments.all_attachments(history.build_record(message), self._read_blob))

    def build_blob(self, digest: str) -> bytes:
        """Return content of the build history: an attachment, a log, a trace or an error.

        Raises:
            OptionError: the engine does not have it.
        """
        from llbfront.oci import digest as digests

        try:
            name = digests.parse(arguments.text(digest, "digest"))
        except InvalidDigest as error:
            raise OptionError(f"{digest!r} is not a digest: {error.message}") from None
        with self._lock.use():
            return self._read_blob(name)

    def _read_blob(self, digest: str) -> bytes:
        from llbfront.client.control import history

        return history.read_blob(self.channel, digest)

    def update_build(self, ref: str, *, pinned: bool | None = None, finalize: bool = False) -> None:
        """Pin a build record, so that the engine keeps it, or unpin it; or complete its trace.

        Args:
            ref: the full ref of the build.
            pinned: True to pin, False to unpin.
            finalize: wait until the engine has written the trace of the build.
        """
        from llbfront.client.control import history

        name, pins = arguments.text(ref, "ref"), arguments.optional_flag(pinned, "pinned")
        with self._lock.use():
            if pins is not None:
                history.update(self.channel, name, pinned=pins)
            if arguments.flag(finalize, "finalize"):
                history.update(self.channel, name, finalize=True)

    def remove_build(self, ref: str) -> None:
        """Remove a build record, with its log and attachments. `ref` is the full ref."""
        from llbfront.client.control import history

        with self._lock.use():
            history.update(self.channel, arguments.text(ref, "ref"), delete=True)

    def follow_history(self, *, on_event: Callable[[HistoryEvent], object], ref: str = "", only_running: bool = False) -> None:
        """Report the present build records and each change, until `on_event` raises, Ctrl-C, or `close`.

        Args:
            on_event: called with each change.
            ref: only this build; ends with it.
            only_running: leave out builds that have ended.
        """
        from llbfront.client.control import history

        name, listener = arguments.text(ref, "ref"), arguments.callback(on_event, "on_event")
        with self._lock.use():
            for event in history.follow(self.channel, ref=name, only_running=arguments.flag(only_running, "only_running")):
                require_sync(listener(event))

    def export_builds(self, refs: Iterable[str]) -> bytes:
        """Return an archive of build records, which docker buildx and Docker Desktop read, too (`.dockerbuild`).

        Args:
            refs: refs as for `build_record`.
        """
        from llbfront.client.control import bundle, history

        names = arguments.texts(refs, "refs")
        with self._lock.use():
            known = history.messages(self.channel)
            return bundle.write_bundle([history.resolve(known, name) for name in names], self._read_blob)
