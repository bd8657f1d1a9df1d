"""Building graphs: what States, mounts and files mean, and what of them reaches the definition."""

import pytest

from llbfront import llb
from llbfront.errors import GraphError, InvalidReference, MountError
from llbfront.llb.marshal import _MEMBERS
from llbfront.llb.op import Op
from llbfront.llb.ops import ImportedOp
from llbfront.llb.state import State
from llbfront.oci.platform import Platform
from llbfront.pb import ops_pb2 as pb
from llbfront.source import LineRange, Source, Span

AMD64 = Platform("linux", "amd64")
base = llb.image("busybox")
other = llb.image("alpine")


def ops(state: State, **options: object) -> list[pb.Op]:
    return [pb.Op.FromString(data) for data in llb.marshal(state, platform=AMD64, **options).ops]  # type: ignore[arg-type]


def digest_of(state: State) -> str:
    return llb.marshal(state, platform=AMD64).digests[-2]


def test_every_op_can_be_encoded() -> None:
    kinds = {kind for kind in Op.__subclasses__() if kind.__module__ == "llbfront.llb.ops"}
    assert kinds == {*_MEMBERS, ImportedOp}


def test_empty_graph() -> None:
    definition = llb.marshal(llb.scratch())
    assert definition.ops == ()
    assert definition.encode() == b""


def test_environment_is_ordered_by_last_assignment() -> None:
    state = base.with_env({"A": "1", "B": "2"}).with_env(A="3")
    assert list(state.env) == [("B", "2"), ("A", "3")]
    assert list(ops(state.run(("x",)).root)[1].exec.meta.env) == ["B=2", "A=3"]


def test_adding_to_an_environment_leaves_the_old_one_alone() -> None:
    first = base.with_env(A="1")
    second, third = first.with_env(B="2"), first.with_env(A="9")
    assert [list(state.env) for state in (third, second, first)] == [[("A", "9")], [("A", "1"), ("B", "2")], [("A", "1")]]


@pytest.mark.parametrize(
    ("before", "path", "after"),
    [
        ("/", "w", "/w"),
        ("/w", "x/../y", "/w/y"),
        ("/w", "/a//b/", "/a//b/"),
        ("/w", "", "/w"),
        ("/w", "../..", "/"),
        ("/w", ".", "/w"),
    ],
)
def test_directory(before: str, path: str, after: str) -> None:
    assert base.with_cwd(before).with_cwd(path).cwd == after


def test_options_of_a_command_are_for_that_command_only() -> None:
    run = base.run(("x",), network=llb.NetMode.HOST, hostname="h", ulimits=(llb.Ulimit("core", 1, 2),))
    assert run.op.settings.network is llb.NetMode.HOST
    assert run.root.settings is base.settings


def test_outputs_follow_the_order_of_targets() -> None:
    run = base.run(("x",), mounts=(llb.Scratch("/z"), llb.Bind("/a", other), llb.Cache("/c", id="i"), llb.Tmpfs("/t")))
    assert run.root.output is not None
    assert run.mount("/a").output is not None
    indices = [state.output.index for state in (run.root, run.mount("/a"), run.mount("/z")) if state.output]
    assert indices == [0, 1, 2]


def test_a_read_only_mount_gives_what_was_mounted() -> None:
    assert base.run(("x",), mounts=(llb.Bind("/a", other, readonly=True),)).mount("/a").output is other.output
    assert base.run(("x",), readonly_root=True).root is base


@pytest.mark.parametrize("mount", [llb.Cache("/m", id="i"), llb.Tmpfs("/m"), llb.Bind("/m", other, output=False)])
def test_a_mount_without_output_says_so_at_once(mount: llb.Mount) -> None:
    run = base.run(("x",), mounts=(mount,))
    with pytest.raises(MountError, match="has no output"):
        run.mount("/m")


def test_mistakes_are_found_when_they_are_made() -> None:
    with pytest.raises(MountError):
        base.run(("x",)).mount("/nothing")
    with pytest.raises(MountError):
        base.run(("x",), mounts=(llb.Cache("/c", id=""),))
    with pytest.raises(MountError):
        base.run(("x",), mounts=(llb.Secret("s"),))
    with pytest.raises(GraphError):
        base.run(())
    with pytest.raises(GraphError):
        base.file()
    with pytest.raises(GraphError):
        llb.scratch().build()
    with pytest.raises(GraphError):
        llb.scratch().requires("g", base)
    with pytest.raises(GraphError):
        llb.source("")
    with pytest.raises(InvalidReference):
        llb.image("UPPER")
    with pytest.raises(InvalidReference):
        llb.blob("alpine:3")


def test_text_that_is_not_utf8_is_an_error() -> None:
    with pytest.raises(GraphError, match="UTF-8"):
        llb.marshal(base.run(("\udcff",)).root)


def test_the_agent_socket_is_passed_to_the_command() -> None:
    sockets = (llb.Ssh("a"), llb.Ssh("b", target="/s"), llb.Ssh("c"))
    meta = ops(base.run(("x",), mounts=sockets).root)[1].exec
    assert list(meta.meta.env) == ["SSH_AUTH_SOCK=/run/buildkit/ssh_agent.0"]
    assert [mount.dest for mount in meta.mounts] == ["/", "/run/buildkit/ssh_agent.0", "/s", "/run/buildkit/ssh_agent.2"]
    own = base.with_env(SSH_AUTH_SOCK="mine").run(("x",), mounts=sockets).root
    assert list(ops(own)[1].exec.meta.env) == ["SSH_AUTH_SOCK=mine"]


@pytest.mark.parametrize(
    ("text", "owner"),
    [
        ("root", llb.Owner(0)),
        ("1:2", llb.Owner(1, 2)),
        ("u:g", llb.Owner("u", "g")),
        ("u:", llb.Owner("u")),
        (":g", llb.Owner("", "g")),
        ("-1:+5", llb.Owner(-1, 5)),
        ("2147483648", llb.Owner("2147483648")),
    ],
)
def test_owner(text: str, owner: llb.Owner) -> None:
    assert llb.Owner.parse(text) == owner


@pytest.mark.parametrize(
    ("path", "sent"),
    [("a", "/d/a"), ("a/", "/d/a/"), ("/x/../y/.", "/y/."), (".", "/d"), ("/", "/"), ("/.", "/."), ("", "/d"), ("..", "/")],
)
def test_destination_of_a_copy(path: str, sent: str) -> None:
    action = ops(llb.scratch().with_cwd("/d").file(llb.Copy(base, "/", path)))[1].file.actions[0]
    assert action.copy.dest == sent


def test_inputs_of_file_actions_enter_in_two_orders() -> None:
    """Parity: op.inputs begins with the first copy's source, the definition with the last one's."""
    third = llb.image("debian")
    definition = ops(base.file(llb.Copy(other, "/", "/"), llb.Copy(third, "/", "/")))
    names = [op.source.identifier.rpartition("/")[2] for op in definition[:3]]
    assert names == ["busybox:latest", "debian:latest", "alpine:latest"]
    digests = llb.marshal(base.file(llb.Copy(other, "/", "/"), llb.Copy(third, "/", "/")), platform=AMD64).digests
    assert [source.digest for source in definition[3].inputs] == [digests[0], digests[2], digests[1]]


def test_a_chain_is_done_inside_the_same_op() -> None:
    file_actions = llb.FileActions(other, (llb.Mkfile("/f", b"1"), llb.Mkfile("/g", b"2")))
    op = ops(base.file(llb.Mkdir("/d"), llb.Copy(file_actions, "/f", "/d/f"), llb.Copy(file_actions, "/g", "/d/g")))[2].file
    assert [action.WhichOneof("action") for action in op.actions] == ["mkdir", "mkfile", "mkfile", "copy", "copy"]
    assert [(action.input, action.secondaryInput, action.output) for action in op.actions] == [
        (0, -1, -1),
        (1, -1, -1),
        (3, -1, -1),
        (2, 4, -1),
        (5, 4, 0),
    ]


def test_merge_and_diff_reduce_themselves() -> None:
    empty = llb.scratch()
    assert llb.merge(empty, empty).output is None
    assert llb.merge(empty, base, empty) is base
    assert llb.diff(empty, base) is base
    assert llb.diff(empty, empty).output is None
    assert base.requires("g") is base


def test_sibling_branches_do_not_change_a_digest() -> None:
    state = base.run(("a",)).root
    alone = digest_of(state)
    state.with_env(A="1").run(("b",))
    state.file(llb.Mkdir("/x"))
    assert digest_of(state) == alone


def test_equal_ops_meet_and_their_metadata_is_merged() -> None:
    first = llb.image("busybox", meta=llb.OpMeta(name="one", description={"k": "1"}, ignore_cache=True))
    two = llb.image("busybox", meta=llb.OpMeta(name="two", description={"l": "2"}, export_cache=False))
    definition = llb.marshal(llb.merge(first, two), platform=AMD64)
    assert len(definition.ops) == 3
    meta = definition.metadata[definition.digests[0]]
    assert meta == llb.OpMeta(
        name="two", description={"k": "1", "l": "2"}, ignore_cache=True, export_cache=False, caps=frozenset(("source.image",))
    )
    last = definition.metadata[definition.digests[-1]]
    assert last.caps == {"constraints", "platform", "meta.ignorecache", "meta.description", "meta.exportcache"}


def test_local_without_session_has_an_id_of_its_own_marshalling() -> None:
    state = llb.local("context")
    assert digest_of(state) != digest_of(state)
    unique = llb.marshal(state, local_unique="u")
    assert pb.Op.FromString(unique.ops[0]).source.attrs["local.unique"] == "u"
    assert "source.local.unique" in unique.metadata[unique.digests[0]].caps


def test_path_is_set_for_engines_that_do_not() -> None:
    old, new = llb.Caps(frozenset(("exec.meta.base",))), llb.Caps(frozenset(("exec.meta.setsdefaultpath",)))
    run = base.run(("x",)).root
    assert list(ops(run, caps=old)[1].exec.meta.env) == ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
    assert list(ops(run, caps=new)[1].exec.meta.env) == []
    definition = llb.marshal(run, platform=AMD64, caps=new)
    assert "exec.meta.setsdefaultpath" in definition.metadata[definition.digests[1]].caps
    windows = llb.marshal(run, platform=Platform("windows", "amd64"), caps=old)
    assert list(pb.Op.FromString(windows.ops[1]).exec.meta.env) == []


def test_places_in_source_files() -> None:
    dockerfile = llb.SourceMap("Dockerfile", b"FROM x\nRUN y\n", state=llb.local("dockerfile", session="s"))
    again = Source("Dockerfile", b"FROM x\nRUN y\n")
    first = llb.image("x", meta=llb.OpMeta(spans=(Span(dockerfile, (LineRange(1, 1),)),)))
    state = first.run(("y",), meta=llb.OpMeta(spans=(Span(again, (LineRange(2, 2),)),))).root
    definition = llb.marshal(state, platform=AMD64)
    assert [source.filename for source in definition.sources] == ["Dockerfile"]
    message = pb.Definition.FromString(definition.encode())
    assert message.Source.infos[0].definition == pb.Definition.FromString(
        llb.marshal(llb.local("dockerfile", session="s"), platform=AMD64).encode()
    )
    places = message.Source.locations[definition.digests[1]].locations
    assert [(place.sourceIndex, place.ranges[0].start.line) for place in places] == [(0, 2)]


def test_a_long_chain_needs_no_recursion() -> None:
    state = base
    for number in range(5000):
        state = state.run(("echo", str(number))).root
    definition = llb.marshal(state, platform=AMD64)
    assert len(definition.ops) == 5002
    assert llb.marshal(llb.load(definition), platform=AMD64).ops == definition.ops


def test_worker_filters_are_part_of_the_op() -> None:
    op = ops(llb.image("x", meta=llb.OpMeta(worker_filters=("f",))))[0]
    assert list(op.constraints.filter) == ["f"]


def test_passthrough_hands_on_several_outputs() -> None:
    first, second = llb.passthrough("g", base, llb.scratch(), other, outputs=(0, 2))
    assert first.output is not None
    assert second.output is not None
    assert (first.output.index, second.output.index) == (0, 1)
    assert list(ops(llb.merge(first, second))[2].passthrough.outputs) == [0, 1]
