"""State: an output plus how commands on it are to be run. Every method returns a new State; branching is free.

    base = llb.image("alpine").with_env(LANG="C").with_cwd("/src")
    built = base.run(("make",), mounts=(llb.Bind("/src", llb.local("context")), llb.Scratch("/out")))
    final = llb.scratch().file(llb.Copy(built.mount("/out"), "/app", "/app"))

Source: client/llb/state.go, exec.go, fileop.go of BuildKit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from llbfront.llb.meta import NO_META
from llbfront.llb.settings import DEFAULT_SETTINGS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from llbfront.llb.files import FileAction
    from llbfront.llb.meta import OpMeta
    from llbfront.llb.mounts import Mount
    from llbfront.llb.ops import ExecOp
    from llbfront.llb.output import Output
    from llbfront.llb.settings import Env, HostIP, NetMode, ProxyEnv, SecurityMode, Settings, Ulimit
    from llbfront.oci.platform import Platform


@attrs.frozen(eq=False, repr=False)
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

    def with_output(self, output: Output | None, *, platform: Platform | None = None) -> State:
        """Keep the settings over other files; `platform` replaces the State's."""
        raise NotImplementedError

    def with_env(self, values: Mapping[str, str] | None = None, /, **more: str) -> State:
        """Assign environment variables; an assigned one becomes the last."""
        raise NotImplementedError

    def with_cwd(self, path: str) -> State:
        """Set the directory; a relative path goes on from the present one, an absolute one is kept as typed."""
        raise NotImplementedError

    def with_user(self, user: str) -> State:
        raise NotImplementedError

    def with_platform(self, platform: Platform) -> State:
        """Set the platform, normalised."""
        raise NotImplementedError

    def with_network(self, network: NetMode) -> State:
        raise NotImplementedError

    def with_security(self, security: SecurityMode) -> State:
        raise NotImplementedError

    def with_hostname(self, hostname: str) -> State:
        raise NotImplementedError

    def with_cgroup_parent(self, cgroup_parent: str) -> State:
        raise NotImplementedError

    def with_extra_hosts(self, *hosts: HostIP) -> State:
        """Add lines to /etc/hosts."""
        raise NotImplementedError

    def with_ulimits(self, *ulimits: Ulimit) -> State:
        """Add limits."""
        raise NotImplementedError

    def run(
        self,
        args: Sequence[str],
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

        `devices` are CDI devices as (name, optional).

        Raises: GraphError for an empty command, MountError.
        """
        raise NotImplementedError

    def file(self, *actions: FileAction, meta: OpMeta = NO_META) -> State:
        """Change files, one action after the other, in one op.

        Raises: GraphError without actions.
        """
        raise NotImplementedError

    def requires(self, group: str, *states: State, meta: OpMeta = NO_META) -> State:
        """Return this State unchanged but built only when the other `states` are built too. Empty ones do not count."""
        raise NotImplementedError

    def build(self, filename: str = "", *, platform: Platform | None = None, meta: OpMeta = NO_META) -> State:
        """Build the definition in a file of this State (`buildkit.llb.definition` when no name is given).

        Raises: GraphError on an empty file system.
        """
        raise NotImplementedError


@attrs.frozen(eq=False, repr=False)
class Exec:
    """A command that was added to the graph. `root` is the State after it."""

    op: ExecOp
    root: State

    def mount(self, target: str) -> State:
        """Return what the command leaves at a mount, with the settings of what was mounted there.

        A read-only mount gives what was mounted.

        Raises: MountError for a mount without an output, or none at all.
        """
        raise NotImplementedError


def scratch() -> State:
    """Return an empty file system."""
    return State()


def merge(*states: State, meta: OpMeta = NO_META) -> State:
    """Lay file systems over each other, later ones on top; settings are the first one's. Empty ones do not count."""
    raise NotImplementedError


def diff(lower: State, upper: State, *, meta: OpMeta = NO_META) -> State:
    """Return what `upper` has that `lower` has not, with the settings of `lower`; an empty `lower` gives `upper` itself."""
    raise NotImplementedError


def passthrough(group: str, *states: State, outputs: Iterable[int] = (0,), meta: OpMeta = NO_META) -> tuple[State, ...]:
    """Hand on the states at the positions `outputs`, built only when all `states` are; settings are kept.

    Raises: GraphError when no state is left, or the `group` is empty.
    """
    raise NotImplementedError
