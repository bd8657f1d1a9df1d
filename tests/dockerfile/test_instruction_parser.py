"""What the words of each instruction mean."""

import pytest

from llbfront.dockerfile.instructions import (
    Add,
    Arg,
    ArgDefinition,
    Cmd,
    Copy,
    Device,
    Entrypoint,
    Env,
    Expose,
    From,
    Healthcheck,
    Instruction,
    KeyValue,
    Label,
    Maintainer,
    Onbuild,
    Run,
    Shell,
    Stopsignal,
    User,
    Volume,
    Workdir,
)
from llbfront.dockerfile.parser import parse
from llbfront.dockerfile.stages import parse_stages
from llbfront.dockerfile.statements import Heredoc, Statement
from llbfront.source import LineRange, Source

ANY = Statement("", "", (), (), is_json=False, range=LineRange(0, 0))


def read(text: str) -> Instruction:
    _, (stage,) = parse_stages(parse(Source("Dockerfile", f"FROM a\n{text}".encode())))
    (instruction,) = stage.instructions
    return instruction


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RUN a && b", Run(ANY, ("a && b",))),
        ('run ["a", "b"]', Run(ANY, ("a", "b"), is_shell=False)),
        ("RUN", Run(ANY, ())),
        (
            "RUN --mount=target=/x --mount=type=ssh --network=none --security=insecure --device=a/b=c,required --device=d x",
            Run(
                ANY,
                ("x",),
                mounts=("target=/x", "type=ssh"),
                network="none",
                security="insecure",
                devices=(Device("a/b=c", required=True), Device("d")),
            ),
        ),
        ("RUN <<E\nx\nE", Run(ANY, ("<<E",), heredocs=(Heredoc("E", "x\n"),))),
        ("RUN -- --x", Run(ANY, ("--x",))),
        ("RUN --network='none' x", Run(ANY, ("x",), network="none")),
        ("CMD a b", Cmd(ANY, ("a b",))),
        ("CMD []", Cmd(ANY, (), is_shell=False)),
        ('ENTRYPOINT ["a"]', Entrypoint(ANY, ("a",), is_shell=False)),
        ('SHELL ["a", "-c"]', Shell(ANY, ("a", "-c"))),
        ("ENV a=b c='d'", Env(ANY, (KeyValue("a", "b"), KeyValue("c", "'d'")))),
        ("ENV a b c", Env(ANY, (KeyValue("a", "b c", is_legacy=True),))),
        ('LABEL "a b"=c', Label(ANY, (KeyValue('"a b"', "c"),))),
        ("ARG a b= c=d=e", Arg(ANY, (ArgDefinition("a"), ArgDefinition("b", ""), ArgDefinition("c", "d=e")))),
        ("MAINTAINER a b", Maintainer(ANY, "a b")),
        ("WORKDIR /a b", Workdir(ANY, "/a b")),
        ("USER $u", User(ANY, "$u")),
        ("EXPOSE 80 443 8", Expose(ANY, ("443", "8", "80"))),
        ('VOLUME ["/a ", "/b"]', Volume(ANY, ("/a", "/b"))),
        ("VOLUME /a /b", Volume(ANY, ("/a", "/b"))),
        ("STOPSIGNAL --x=y 9", Stopsignal(ANY, "9")),
        ("COPY a b /c/", Copy(ANY, ("a", "b"), "/c/")),
        (
            "COPY --from=x --chown=1 --chmod=7 --link --parents --exclude=a --exclude=b c d",
            Copy(ANY, ("c",), "d", origin="x", chown="1", chmod="7", link=True, parents=True, excludes=("a", "b")),
        ),
        (
            "ADD --checksum=x --keep-git-dir --unpack=FALSE c d",
            Add(ANY, ("c",), "d", checksum="x", keep_git_dir=True, unpack=False),
        ),
        ("ADD a b", Add(ANY, ("a",), "b")),
        (
            "COPY <<E a <<-'F' /x\nb\nE\n\tc\n\tF\n",
            Copy(ANY, ("a",), "/x", (Heredoc("E", "b\n"), Heredoc("F", "\tc\n", False, True))),
        ),
        ('COPY ["<<E", "/x"]', Copy(ANY, (), "/x", (Heredoc("E", ""),))),
        ("ONBUILD  RUN a  b", Onbuild(ANY, "RUN a  b")),
        ("onbuild COPY <<E /x\nb\nE", Onbuild(ANY, "COPY <<E /x\nb\nE")),
        ("HEALTHCHECK NONE", Healthcheck(ANY, ("NONE",))),
        ("HEALTHCHECK --x=y none", Healthcheck(ANY, ("NONE",))),
        ("HEALTHCHECK CMD a b", Healthcheck(ANY, ("CMD-SHELL", "a b"))),
        (
            'HEALTHCHECK --interval=1m1.5s --timeout=2h --start-period=1ms --start-interval=0 --retries=3 cmd ["a", "b"]',
            Healthcheck(ANY, ("CMD", "a", "b"), 61_500_000_000, 7_200_000_000_000, 1_000_000, 0, 3),
        ),
    ],
)
def test_instructions(text: str, expected: Instruction) -> None:
    assert read(text) == expected


def test_an_instruction_keeps_its_text() -> None:
    run = read("# why\nrun a \\\n  b \n")
    assert (run.keyword, run.text, run.comments, run.range) == ("run", "run a   b", ("why",), LineRange(3, 4))


def test_stages_and_global_arguments() -> None:
    text = "# A the first\nARG A=1\n# b1 builds\nFROM x AS B1\nRUN a\nfrom --platform=$P $A\nARG A\n"
    meta_args, (first, second) = parse_stages(parse(Source("Dockerfile", text.encode())))
    assert meta_args == (Arg(ANY, (ArgDefinition("A", "1", "the first"),)),)
    assert (first.name, first.base) == ("b1", From(ANY, "x", "b1", "", "builds"))
    assert first.instructions == (Run(ANY, ("a",)),)
    assert (second.name, second.base) == (None, From(ANY, "$A", None, "$P"))
    assert first.base.statement.args == ("x", "AS", "B1")
