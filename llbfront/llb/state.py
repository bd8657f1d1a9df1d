"""State: a file system and the settings of commands that run on it. States are immutable; each method returns a new one.

    base = llb.image("alpine").with_env({"LANG": "C"}).with_cwd("/src")
    built = base.run(("make",), mounts=(llb.Bind("/src", llb.local("context")), llb.Scratch("/out")))
    final = llb.scratch().file(llb.Copy(built.mount("/out"), "/app", "/app"))

Source: client/llb/state.go, exec.go, merge.go, diff.go, passthrough.go of BuildKit.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from llbfront import arguments
from llbfront.call_errors import explained_calls
from llbfront.errors import GraphError, MountError
from llbfront.gostd.path import join
from llbfront.llb import command_arguments, state_arguments
from llbfront.llb.exec_settings import DEFAULT_SETTINGS, NetMode, SecurityMode
from llbfront.llb.files import FileAction, FileActions
from llbfront.llb.mounts import Bind, has_output, output_index, sort_mounts
from llbfront.llb.op import NO_META, Output
from llbfront.llb.ops import BuildOp, DiffOp, ExecOp, FileOp, MergeOp, PassthroughOp
from llbfront.short_repr import ShortRepr

if TYPE_CHECKING:
    from llbfront.llb.exec_settings import Env, HostIP, ProxyEnv, Settings, Ulimit
    from llbfront.llb.mounts import Mount
    from llbfront.llb.op import OpMeta
    from llbfront.oci.platform import Platform


@attrs.frozen(eq=False, repr=False)
class State(ShortRepr):
    """A file system and the settings of commands that run on it. States are immutable; each method returns a new one.

    Args:
        output: the files, None for an empty file system.
        settings: environment, directory, user, platform and limits of commands.

    Example:
        >>> from llbfront import llb
        >>> base = llb.image("golang").with_env(CGO_ENABLED="0").with_cwd("/src")
        >>> built = base.run(
        ...     "go build -o /out/app .",
        ...     mounts=(llb.Bind("/src", llb.local("context"), readonly=True), llb.Scratch("/out")),
        ... )
        >>> final = llb.scratch().file(llb.Copy(built.mount("/out"), "/app", "/app"))
        >>> len(llb.marshal(final, platform="linux/amd64").ops)
        5
    """

    output: Output | None = None
    settings: Settings = DEFAULT_SETTINGS

    @property
    def env(self) -> Env:
        """The environment of commands."""
        return self.settings.env

    @property
    def cwd(self) -> str:
        """The directory of commands."""
        return self.settings.cwd

    @property
    def user(self) -> str:
        """The user of commands."""
        return self.settings.user

    @property
    def platform(self) -> Platform | None:
        """The platform, None for the one that `marshal` is given."""
        return self.settings.platform

    def _with(self, **changes: Any) -> State:
        return State(self.output, attrs.evolve(self.settings, **changes))

    def with_output(self, output: Output | None, *, platform: Platform | None = None) -> State:
        """Replace the files and keep the settings.

        Args:
            output: the new files.
            platform: replaces the platform, if given.
        """
        if output is not None and not isinstance(output, Output):
            raise arguments.refuse("output", "an Output", output)
        state = State(output, self.settings)
        return state if platform is None else state.with_platform(platform)

    @explained_calls('with_env({"NAME": "value"})')
    def with_env(
        self, values: Mapping[str, str | int | os.PathLike[str]] | None = None, /, **more: str | int | os.PathLike[str]
    ) -> State:
        """Set environment variables. A variable that is set again becomes the last.

        Args:
            values: values by name; ints and paths become texts.
            more: the same as keyword arguments.
        """
        env = self.settings.env
        for name, value in arguments.assignments({**arguments.assignments(values, "values"), **more}, "values").items():
            env = env.set(name, value)
        return self._with(env=env)

    def with_cwd(self, path: str | os.PathLike[str]) -> State:
        """Set the directory of commands.

        Args:
            path: an absolute path is kept as typed, a relative one is joined to the current one.
        """
        path = arguments.path(path)
        return self._with(cwd=path if path.startswith("/") else join(self.settings.cwd or "/", path))

    def with_user(self, user: str | int) -> State:
        """Set the user of commands.

        Args:
            user: a name or number, optionally with a group after a colon.
        """
        return self._with(user=arguments.scalar(user, "user"))

    def with_platform(self, platform: Platform | str) -> State:
        """Set the platform, normalised.

        Args:
            platform: such as `linux/arm64`.

        Raises:
            InvalidPlatform: the text is not a platform.
        """
        parsed = state_arguments.platform(platform)
        return self._with(platform=None if parsed is None else parsed.normalized())

    def with_network(self, network: NetMode | str) -> State:
        """Set the network of commands: `sandbox`, `host` or `none`."""
        return self._with(network=command_arguments.network(network))

    def with_security(self, security: SecurityMode | str) -> State:
        """Set the security of commands: `sandbox` or `insecure`."""
        return self._with(security=command_arguments.security(security))

    def with_hostname(self, hostname: str) -> State:
        """Set the host name that commands see."""
        return self._with(hostname=arguments.text(hostname, "hostname"))

    def with_cgroup_parent(self, cgroup_parent: str) -> State:
        """Set the parent cgroup of commands."""
        return self._with(cgroup_parent=arguments.text(cgroup_parent, "cgroup_parent"))

    def with_extra_hosts(self, *hosts: HostIP) -> State:
        """Add lines to /etc/hosts of commands."""
        return self._with(extra_hosts=(*self.settings.extra_hosts, *command_arguments.hosts(hosts)))

    def with_ulimits(self, *ulimits: Ulimit) -> State:
        """Add limits to commands."""
        return self._with(ulimits=(*self.settings.ulimits, *command_arguments.ulimits(ulimits)))

    def run(
        self,
        args: str | Iterable[str | int | os.PathLike[str]] | None,
        *,
        mounts: Mount | Iterable[Mount] = (),
        readonly_root: bool = False,
        proxy: ProxyEnv | None = None,
        devices: Iterable[str | tuple[str, bool]] = (),
        valid_exit_codes: int | Iterable[int] = (),
        network: NetMode | str | None = None,
        security: SecurityMode | str | None = None,
        hostname: str | None = None,
        cgroup_parent: str | None = None,
        extra_hosts: HostIP | Iterable[HostIP] = (),
        ulimits: Ulimit | Iterable[Ulimit] = (),
        platform: Platform | str | None = None,
        meta: OpMeta = NO_META,
    ) -> Exec:
        """Run a command. Settings given here apply to this command only; hosts and limits are added to the State's.

        Args:
            args: the words of the command, or one string for the shell, which runs as `/bin/sh -c TEXT` like RUN in a Dockerfile. With None
                an empty command is refused only when it is marshalled.
            mounts: directories, caches, secrets and sockets that the command can use.
            readonly_root: mount the root file system read-only.
            proxy: proxy variables.
            devices: CDI devices by name, or as (name, optional).
            valid_exit_codes: exit codes that count as success, by default 0.
            network: `sandbox`, `host` or `none`.
            security: `sandbox` or `insecure`.
            hostname: the host name that the command sees.
            cgroup_parent: the parent cgroup of the command.
            extra_hosts: lines of /etc/hosts.
            ulimits: limits of the command.
            platform: the platform of the op.
            meta: metadata of the op, such as its name.

        Raises:
            GraphError: the command is empty.
            MountError: a mount is invalid.
            ArgumentError: an argument has the wrong type.
        """
        words = command_arguments.command(args)
        settings = command_arguments.settings(
            self.settings,
            {"network": network, "security": security, "hostname": hostname, "cgroup_parent": cgroup_parent},
            added_hosts=extra_hosts,
            added_ulimits=ulimits,
        )
        root = Bind("/", self, readonly=readonly_root)
        mounted, secrets, sockets = sort_mounts(root, command_arguments.mounts(mounts))
        own_platform = state_arguments.platform(platform)
        op = ExecOp(
            words,
            settings,
            mounted,
            secrets,
            sockets,
            command_arguments.devices(devices),
            command_arguments.exit_codes(valid_exit_codes),
            command_arguments.proxy(proxy),
            own_platform,
            meta,
        )
        after = self if readonly_root else self.with_output(Output(op, output_index(op.mounts, root)), platform=own_platform)
        return Exec(op, after)

    def file(self, *actions: FileAction, meta: OpMeta = NO_META) -> State:
        """Change files, in one op.

        Args:
            actions: Copy, Mkdir, Mkfile, Rm and Symlink values; one is applied after the other.
            meta: metadata of the op, such as its name.

        Raises:
            GraphError: there is no action.
        """
        if not actions:
            raise GraphError("a file op needs an action")
        for number, action in enumerate(actions):
            if not isinstance(action, FileAction):
                raise arguments.refuse(f"action {number + 1}", "Copy, Mkdir, Mkfile, Rm and Symlink", action)
        return self.with_output(Output(FileOp(FileActions(self, actions), meta)))

    def requires(self, group: str, *states: State, meta: OpMeta = NO_META) -> State:
        """Return this State, built only if other States are built too.

        Args:
            group: the name of the op that joins them.
            states: the other States; without any, this State is returned.
            meta: metadata of the op, such as its name.

        Raises:
            GraphError: this file system is empty, or `group` is.
        """
        group = arguments.text(group, "group")
        return passthrough(group, self, *states, meta=meta)[0] if states else self

    def build(
        self, filename: str | os.PathLike[str] = "", *, platform: Platform | str | None = None, meta: OpMeta = NO_META
    ) -> State:
        """Build the definition that a file of this State holds.

        Args:
            filename: the file, by default `buildkit.llb.definition`.
            platform: the platform of the op.
            meta: metadata of the op, such as its name.

        Raises:
            GraphError: this file system is empty.
        """
        if self.output is None:
            raise GraphError("an empty file system holds no definition to build")
        return self.with_output(
            Output(BuildOp(self.output, arguments.path(filename, "filename"), state_arguments.platform(platform), meta))
        )


@attrs.frozen(eq=False, repr=False)
class Exec(ShortRepr):
    """A command in the graph, returned by `State.run`.

    Attributes:
        op: the op.
        root: the State after the command.
    """

    op: ExecOp
    root: State

    def mount(self, target: str) -> State:
        """Return the files of a mount after the command, with the settings of the State that was mounted there.

        For a read-only mount, this is the mounted State.

        Args:
            target: the target of the mount, as it was given.

        Raises:
            MountError: the mount has no output, or nothing is mounted there.
        """
        mount = next((mount for mount in self.op.mounts if mount.target == target), None)
        if mount is None:
            raise MountError(f"nothing is mounted at {target}")
        source = mount.source if isinstance(mount, Bind) else None
        before = State() if source is None else State(source.output, source.settings)
        if has_output(mount):
            return before.with_output(Output(self.op, output_index(self.op.mounts, mount)), platform=self.op.platform)
        if isinstance(mount, Bind) and mount.readonly:
            return before
        raise MountError(f"the {type(mount).__name__.lower()} mount {target} has no output")


def scratch() -> State:
    """Return an empty file system.

    Example:
        >>> from llbfront import llb
        >>> llb.scratch().file(llb.Mkfile("/motd", "hello"))
        State(output=Output(FileOp, 0), settings=...)
    """
    return State()


def merge(*states: State, meta: OpMeta = NO_META) -> State:
    """Merge file systems.

    Args:
        states: later ones are on top; empty ones are ignored.
        meta: metadata of the op, such as its name.

    Returns:
        The merged files, with the settings of the first State.

    Example:
        >>> from llbfront import llb
        >>> llb.merge(llb.image("alpine"), llb.image("busybox"))
        State(output=Output(MergeOp, 0), settings=...)
    """
    state_arguments.check_states(states)
    filled = [state for state in states if state.output is not None]
    outputs = tuple(state.output for state in filled if state.output is not None)
    if len(filled) < 2:
        return filled[0] if filled else State()
    return filled[0].with_output(Output(MergeOp(outputs, meta)))


def diff(lower: State, upper: State, *, meta: OpMeta = NO_META) -> State:
    """Return the files of one State that another does not have.

    Args:
        lower: the files to leave out; an empty State gives `upper` itself.
        upper: the files to take.
        meta: metadata of the op, such as its name.

    Returns:
        The files, with the settings of `lower`.

    Example:
        >>> from llbfront import llb
        >>> base = llb.image("alpine")
        >>> llb.diff(base, base.run("apk add curl").root)
        State(output=Output(DiffOp, 0), settings=...)
    """
    state_arguments.check_states((lower, upper))
    if lower.output is None:
        return upper if upper.output is not None else State()
    return lower.with_output(Output(DiffOp(lower.output, upper.output, meta)))


def passthrough(group: str, *states: State, outputs: Iterable[int] = (0,), meta: OpMeta = NO_META) -> tuple[State, ...]:
    """Return some of several States, built only if all of them are.

    Args:
        group: the name of the op.
        states: the States that have to be built; empty ones are ignored.
        outputs: the positions of those to return.
        meta: metadata of the op, such as its name.

    Raises:
        GraphError: an empty State is to be returned, or `group` or `outputs` is empty.
    """
    state_arguments.check_states(states)
    group = arguments.text(group, "group")
    positions = arguments.items(outputs, "outputs", "a list of ints", arguments.integer, single=int)
    used = sorted(set(positions))
    if not group or not used:
        raise GraphError("a passthrough needs a name and an output")
    filled = [position for position, state in enumerate(states) if state.output is not None]
    if not set(used) <= set(filled):
        raise GraphError("an empty file system cannot be passed through")
    inputs = tuple(output for state in states if (output := state.output) is not None)
    op = PassthroughOp(group, inputs, tuple(filled.index(position) for position in used), meta)
    return tuple(states[position].with_output(Output(op, index)) for index, position in enumerate(used))
