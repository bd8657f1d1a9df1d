"""State: an output plus how commands on it are to be run. Every method returns a new State; branching is free.

    base = llb.image("alpine").with_env({"LANG": "C"}).with_cwd("/src")
    built = base.run(("make",), mounts=(llb.Bind("/src", llb.local("context")), llb.Scratch("/out")))
    final = llb.scratch().file(llb.Copy(built.mount("/out"), "/app", "/app"))

Source: client/llb/state.go, exec.go, merge.go, diff.go, passthrough.go of BuildKit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from llbfront.errors import GraphError, MountError
from llbfront.llb.files import Chain
from llbfront.llb.mounts import Bind, Cache, Scratch, Secret, Ssh, Tmpfs, has_output
from llbfront.llb.op import NO_META, Output
from llbfront.llb.ops import BuildOp, DiffOp, ExecOp, FileOp, MergeOp, PassthroughOp
from llbfront.llb.settings import DEFAULT_SETTINGS, join

if TYPE_CHECKING:
    from llbfront.llb.files import FileAction
    from llbfront.llb.mounts import Mount
    from llbfront.llb.op import OpMeta
    from llbfront.llb.settings import Env, HostIP, NetMode, ProxyEnv, SecurityMode, Settings, Ulimit
    from llbfront.oci.platform import Platform

_STABLE = 12  # mounts; the order of equal targets among more is that of Go's sort


@attrs.frozen(eq=False)
class State:
    """Files and settings. `output` None is an empty file system."""

    output: Output | None = None
    settings: Settings = DEFAULT_SETTINGS

    @property
    def env(self) -> Env:
        return self.settings.env

    @property
    def cwd(self) -> str:
        return self.settings.cwd

    @property
    def user(self) -> str:
        return self.settings.user

    @property
    def platform(self) -> Platform | None:
        return self.settings.platform

    def _with(self, **changes: Any) -> State:
        return State(self.output, attrs.evolve(self.settings, **changes))

    def with_output(self, output: Output | None, *, platform: Platform | None = None) -> State:
        """Keep the settings over other files; `platform` replaces the State's."""
        state = State(output, self.settings)
        return state if platform is None else state.with_platform(platform)

    def with_env(self, values: Mapping[str, str] | None = None, /, **more: str) -> State:
        """Assign environment variables; an assigned one becomes the last."""
        env = self.settings.env
        for name, value in {**(values or {}), **more}.items():
            env = env.set(name, value)
        return self._with(env=env)

    def with_cwd(self, path: str) -> State:
        """Set the directory; a relative path goes on from the present one, an absolute one is kept as typed."""
        return self._with(cwd=path if path.startswith("/") else join(self.settings.cwd or "/", path))

    def with_user(self, user: str) -> State:
        return self._with(user=user)

    def with_platform(self, platform: Platform) -> State:
        """Set the platform, normalised."""
        return self._with(platform=platform.normalized())

    def with_network(self, network: NetMode) -> State:
        return self._with(network=network)

    def with_security(self, security: SecurityMode) -> State:
        return self._with(security=security)

    def with_hostname(self, hostname: str) -> State:
        return self._with(hostname=hostname)

    def with_cgroup_parent(self, cgroup_parent: str) -> State:
        return self._with(cgroup_parent=cgroup_parent)

    def with_extra_hosts(self, *hosts: HostIP) -> State:
        """Add lines to /etc/hosts."""
        return self._with(extra_hosts=(*self.settings.extra_hosts, *hosts))

    def with_ulimits(self, *ulimits: Ulimit) -> State:
        """Add limits."""
        return self._with(ulimits=(*self.settings.ulimits, *ulimits))

    def run(
        self,
        args: Sequence[str] | None,
        *,
        mounts: Iterable[Mount] = (),
        readonly_root: bool = False,
        proxy: ProxyEnv | None = None,
        devices: Iterable[tuple[str, bool]] = (),
        valid_exit_codes: Iterable[int] = (),
        network: NetMode | None = None,
        security: SecurityMode | None = None,
        hostname: str | None = None,
        cgroup_parent: str | None = None,
        extra_hosts: Iterable[HostIP] = (),
        ulimits: Iterable[Ulimit] = (),
        platform: Platform | None = None,
        meta: OpMeta = NO_META,
    ) -> Exec:
        """Run a command. Settings given here hold for this command only; hosts and limits add to the State's.

        `devices` are CDI devices as (name, optional). With None for `args` an empty command is refused only when it is marshalled.

        Raises: GraphError for an empty command, MountError.
        """
        if args is not None and not args:
            raise GraphError("a command needs arguments")
        settings = self.settings
        own = {"network": network, "security": security, "hostname": hostname, "cgroup_parent": cgroup_parent}
        changes: dict[str, Any] = {name: value for name, value in own.items() if value not in (None, getattr(settings, name))}
        if added := tuple(extra_hosts):
            changes["extra_hosts"] = settings.extra_hosts + added
        if limits := tuple(ulimits):
            changes["ulimits"] = settings.ulimits + limits
        if changes:
            settings = attrs.evolve(settings, **changes)
        root = Bind("/", self, readonly=readonly_root)
        mounted, secrets, sockets = _sorted_mounts(root, mounts)
        op = ExecOp(
            tuple(args or ()), settings, mounted, secrets, sockets, tuple(devices), tuple(valid_exit_codes), proxy, platform, meta
        )
        after = self if readonly_root else self.with_output(Output(op, _output_index(op, root)), platform=platform)
        return Exec(op, after)

    def file(self, *actions: FileAction, meta: OpMeta = NO_META) -> State:
        """Change files, one action after the other, in one op.

        Raises: GraphError without actions.
        """
        if not actions:
            raise GraphError("a file op needs an action")
        return self.with_output(Output(FileOp(Chain(self, actions), meta)))

    def requires(self, group: str, *states: State, meta: OpMeta = NO_META) -> State:
        """Return this State unchanged but built only when the other `states` are built too; without any, itself.

        Raises: GraphError on an empty file system, or an empty `group`.
        """
        return passthrough(group, self, *states, meta=meta)[0] if states else self

    def build(self, filename: str = "", *, platform: Platform | None = None, meta: OpMeta = NO_META) -> State:
        """Build the definition in a file of this State (`buildkit.llb.definition` when no name is given).

        Raises: GraphError on an empty file system.
        """
        if self.output is None:
            raise GraphError("an empty file system holds no definition to build")
        return self.with_output(Output(BuildOp(self.output, filename, platform, meta)))


def _sorted_mounts(
    root: Bind, mounts: Iterable[Mount]
) -> tuple[tuple[Bind | Cache | Scratch | Tmpfs, ...], tuple[Secret, ...], tuple[Ssh, ...]]:
    mounted: list[Bind | Cache | Scratch | Tmpfs] = [root]
    secrets, sockets = [], []
    for mount in mounts:
        if isinstance(mount, Secret):
            if mount.target is None and mount.env is None:
                raise MountError(f"secret {mount.id!r} needs a target or a variable")
            secrets.append(mount)
        elif isinstance(mount, Ssh):
            sockets.append(mount)
        elif isinstance(mount, Cache) and not mount.id:
            raise MountError(f"cache mount {mount.target} needs an id")
        else:
            mounted.append(mount)
    if len(mounted) > 1:
        mounted = _by_target(mounted)
    return tuple(mounted), tuple(secrets), tuple(sockets)


def _by_target(mounted: list[Bind | Cache | Scratch | Tmpfs]) -> list[Bind | Cache | Scratch | Tmpfs]:
    if len(mounted) <= _STABLE:
        return sorted(mounted, key=lambda mount: mount.target)
    from llbfront.llb.ordering import sort_slice

    return sort_slice(mounted, lambda mount: mount.target)


def _output_index(op: ExecOp, wanted: Mount) -> int:
    giving = [mount for mount in op.mounts if has_output(mount)]
    return next(index for index, mount in enumerate(giving) if mount is wanted)


@attrs.frozen(eq=False)
class Exec:
    """A command that was added to the graph. `root` is the State after it."""

    op: ExecOp
    root: State

    def mount(self, target: str) -> State:
        """Return what the command leaves at a mount, with the settings of what was mounted there.

        A read-only mount gives what was mounted.

        Raises: MountError for a mount without an output, or none at all.
        """
        mount = next((mount for mount in self.op.mounts if mount.target == target), None)
        if mount is None:
            raise MountError(f"nothing is mounted at {target}")
        source = mount.source if isinstance(mount, Bind) else None
        before = State() if source is None else State(source.output, source.settings)
        if has_output(mount):
            return before.with_output(Output(self.op, _output_index(self.op, mount)), platform=self.op.platform)
        if isinstance(mount, Bind) and mount.readonly:
            return before
        raise MountError(f"the {type(mount).__name__.lower()} mount {target} has no output")


def scratch() -> State:
    """Return an empty file system."""
    return State()


def merge(*states: State, meta: OpMeta = NO_META) -> State:
    """Lay file systems over each other, later ones on top; settings are the first one's. Empty ones do not count."""
    filled = [state for state in states if state.output is not None]
    outputs = tuple(state.output for state in filled if state.output is not None)
    if len(filled) < 2:
        return filled[0] if filled else State()
    return filled[0].with_output(Output(MergeOp(outputs, meta)))


def diff(lower: State, upper: State, *, meta: OpMeta = NO_META) -> State:
    """Return what `upper` has that `lower` has not, with the settings of `lower`; an empty `lower` gives `upper` itself."""
    if lower.output is None:
        return upper if upper.output is not None else State()
    return lower.with_output(Output(DiffOp(lower.output, upper.output, meta)))


def passthrough(group: str, *states: State, outputs: Iterable[int] = (0,), meta: OpMeta = NO_META) -> tuple[State, ...]:
    """Hand on the states at the positions `outputs`, built only when all `states` are; settings are kept.

    Empty states are not built and cannot be handed on.

    Raises: GraphError for that, or when `group`, which names the op, is empty.
    """
    wanted = sorted(set(outputs))
    if not group or not wanted:
        raise GraphError("a passthrough needs a name and an output")
    filled = [position for position, state in enumerate(states) if state.output is not None]
    if not set(wanted) <= set(filled):
        raise GraphError("an empty file system cannot be passed through")
    inputs = tuple(output for state in states if (output := state.output) is not None)
    op = PassthroughOp(group, inputs, tuple(filled.index(position) for position in wanted), meta)
    return tuple(states[position].with_output(Output(op, index)) for index, position in enumerate(wanted))
