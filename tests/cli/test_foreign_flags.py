"""Every flag of `docker build`, `docker buildx build` and `buildctl build` is taken, ignored with a warning, or refused with a hint."""

from __future__ import annotations

import pathlib

import pytest

from llbfront.cli import bake, build, foreign_flags
from llbfront.cli.main import flags_of, main, parse_arguments, parser
from llbfront.client.request.build_request import frontend_options
from llbfront.errors import LlbfrontError, OptionError

# What the help of buildx v0.38.2 lists, its hidden flags, the flags of the older `docker build`, and those of buildctl v0.34.2.
BUILDX = """--add-host --allow --annotation --attest --build-arg --build-context --cache-from --cache-to --call --cgroup-parent --check -f
--file -h --help --iidfile --label --load --metadata-file --network --no-cache --no-cache-filter -o --output --platform --policy --progress
--provenance --pull --push -q --quiet --resource --sbom --secret --shm-size --ssh -t --tag --target --ulimit --builder -D --debug"""
HIDDEN = """--print -m --memory --memory-swap -c --cpu-shares --cpu-period --cpu-quota --cpuset-cpus --cpuset-mems --compress --isolation
--security-opt --squash --rm --force-rm --disable-content-trust"""
BUILDCTL = """-o --output --progress --trace --local --oci-layout --frontend --opt --no-cache --export-cache --import-cache --secret --allow --ssh
--metadata-file --source-policy-file --proxy-network --ref-file --registry-auth-tlscontext --debug-json-cache-metrics -h --help --debug --addr
--tlsservername --tlscacert --tlscert --tlskey --tlsdir"""


@pytest.mark.parametrize("flag", sorted({*BUILDX.split(), *HIDDEN.split(), *BUILDCTL.split()}))
def test_no_flag_of_the_other_clients_is_unknown(flag: str) -> None:
    assert flag in flags_of(parser("build"))


@pytest.mark.parametrize("flag", sorted(foreign_flags.REFUSED))
def test_flags_that_cannot_be_ignored_are_refused_with_a_hint(flag: str) -> None:
    with pytest.raises(OptionError) as refused:
        parse_arguments(["build", flag if flag == "--proxy-network" else f"{flag}=x", "."])
    assert str(refused.value) == f"{flag} is not supported ({foreign_flags.REFUSED[flag]})"


@pytest.mark.parametrize("flag", sorted(foreign_flags.BUILDAH))
def test_flags_of_buildah_are_refused_with_a_hint(flag: str) -> None:
    with pytest.raises(OptionError) as refused:
        parse_arguments(["build", f"{flag}=x", "."])
    assert str(refused.value) == f"{flag} is not supported ({foreign_flags.BUILDAH[flag]})"


def test_no_builder_is_named_by_an_empty_text() -> None:
    assert parse_arguments(["build", "--builder=", "."]).context == "."


@pytest.mark.parametrize(
    ("words", "warning"),
    [
        (["--layers"], "--layers has no effect with BuildKit"),
        (["--rm"], "--rm has no effect with BuildKit"),
        (["--rm=true", "--force-rm", "--rm"], "--force-rm, --rm have no effect with BuildKit"),
        (["--isolation=default", "--security-opt", "x"], "--isolation, --security-opt have no effect with BuildKit"),
        (
            ["--compress", "--squash", "--disable-content-trust=true"],
            "--compress, --squash, --disable-content-trust have no effect",
        ),
    ],
)
def test_flags_without_effect_give_one_warning(
    words: list[str], warning: str, capsys: pytest.CaptureFixture[str], tmp_path: pathlib.Path
) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\n")
    assert main(["build", "--check", *words, str(tmp_path)]) == 0
    assert capsys.readouterr().err.startswith(f"llbfront: warning: {warning}")


@pytest.mark.parametrize("words", [[], ["--rm=false"], ["--compress=0", "--squash=false"]])
def test_flags_that_are_off_give_none(words: list[str]) -> None:
    assert parse_arguments(["build", *words]).ignored == ()


@pytest.mark.parametrize(
    ("words", "options"),
    [
        ("--resource memory=2g", {"memory": "2147483648"}),
        ("-m 1g", {"memory": "1073741824"}),
        ("-m1g", {"memory": "1073741824"}),
        ("--memory=64m --memory-swap -1", {"memory": "67108864", "memswap": "-1"}),
        ("--memory-swap=1g", {"memswap": "1073741824"}),
        ("-c 512 --cpu-period 100 --cpu-quota=50", {"cpushares": "512", "cpuperiod": "100", "cpuquota": "50"}),
        ("--cpuset-cpus 0-3 --cpuset-mems 0", {"cpusetcpus": "0-3", "cpusetmems": "0"}),
        ("--resource cpu-shares=1 --resource cpu-shares=2", {"cpushares": "2"}),
        ("--memory 0 --cpu-shares 0", {}),
    ],
)
def test_limits_become_options_of_the_frontend(words: str, options: dict[str, str]) -> None:
    assert frontend_options(build.request_of(parse_arguments(["build", *words.split()]))) == options


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--resource memory", "invalid resource memory '' (use bytes or a unit, such as 64m or 1g)"),
        ("--resource memory=lots", "invalid resource memory 'lots'"),
        ("--resource memroy=1g", "invalid resource 'memroy=1g' (did you mean memory?)"),
        ("--resource gpus=1", "invalid resource 'gpus=1' (one of memory, memory-swap"),
        ("--cpu-quota much", "invalid resource 'cpu-quota=much': 'much' is not a whole number"),
        ("--memory-swap=-2", "invalid resource memory-swap '-2'"),
    ],
)
def test_bad_limits_are_refused(words: str, message: str) -> None:
    with pytest.raises(LlbfrontError) as refused:
        build.request_of(parse_arguments(["build", *words.split()]))
    assert str(refused.value).startswith(message)


def test_debug_is_a_flag_of_every_command() -> None:
    assert (
        parse_arguments(["-D", "llb", "."]).debug
        and parse_arguments(["check", "--debug", "."]).debug
        and not parse_arguments(["build", "-D=false"]).debug
    )
    assert parse_arguments(["--debug=true", "build", "--print=outline"]).call == "outline"


@pytest.mark.parametrize(
    ("words", "labels"),
    [(["--label", "a"], {"a": ""}), (["--label=a=b", "--label", "a"], {"a": ""}), (["--label", "a=b=c"], {"a": "b=c"})],
)
def test_a_label_without_a_value_is_empty(words: list[str], labels: dict[str, str]) -> None:
    assert build.request_of(parse_arguments(["build", *words])).labels == labels


@pytest.mark.parametrize("flag", [*sorted(build.EMPTY_IS_UNSET), "-f", "-o"])
@pytest.mark.parametrize("form", [["{}="], ["{}", ""]])
def test_an_empty_value_counts_for_nothing(flag: str, form: list[str]) -> None:
    assert parse_arguments(["build", *(each.format(flag) for each in form), "."]) == parse_arguments(["build", "."])


@pytest.mark.parametrize("flag", sorted(bake.EMPTY_IS_UNSET))
@pytest.mark.parametrize("form", [["{}="], ["{}", ""]])
def test_an_empty_value_counts_for_nothing_in_a_bake(flag: str, form: list[str]) -> None:
    assert parse_arguments(["bake", *(each.format(flag) for each in form), "app"]) == parse_arguments(["bake", "app"])


@pytest.mark.parametrize(
    "words",
    [
        *(["build", flag] for flag in sorted(build.EMPTY_IS_REFUSED)),
        *(["bake", flag] for flag in ("--allow", "--file", "--policy", "--set")),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("form", [["{}="], ["{}", ""]])
def test_an_empty_value_is_refused(words: list[str], form: list[str]) -> None:
    with pytest.raises(OptionError, match=f"{words[1]} needs a value that is not empty"):
        parse_arguments([words[0], *(each.format(words[1]) for each in form), "."])


def test_other_flags_keep_an_empty_value() -> None:
    parsed = parse_arguments(["build", "--syntax=", "--tag=", "--build-arg=", "--label=", "."])
    assert (parsed.syntax, parsed.tag, parsed.build_arg, parsed.label) == ("", [""], [""], [""])
