"""Which stages a build runs, and why: a table of Dockerfiles."""

import hashlib
import json
import pathlib

import pytest

import llbfront
from llbfront.cli.main import main
from llbfront.errors import OptionError
from llbfront.inspection.stages import required, stage_statuses, to_json
from llbfront.oci.index import OCI_INDEX, OCI_MANIFEST

BUILT, SKIPPED = True, False
CASES: dict[str, tuple[str, str | None, list[tuple[str, bool, str]]]] = {
    "a single stage": ("FROM alpine\n", None, [("stage-0", BUILT, "the target")]),
    "a chain": (
        "FROM alpine AS a\nFROM a AS b\nFROM b\n",
        None,
        [
            ("a", BUILT, "used by b (FROM in line 2)"),
            ("b", BUILT, "used by stage-2 (FROM in line 3)"),
            ("stage-2", BUILT, "the target"),
        ],
    ),
    "a stage that nothing uses": (
        "FROM alpine AS a\nFROM alpine AS test\nRUN test\nFROM a\n",
        None,
        [("a", BUILT, "used by stage-2 (FROM in line 4)"), ("test", SKIPPED, "no stage uses it"), ("stage-2", BUILT, "the target")],
    ),
    "an earlier target": (
        "FROM alpine AS a\nFROM a AS b\nFROM b AS c\n",
        "b",
        [("a", BUILT, "used by b (FROM in line 2)"), ("b", BUILT, "the target"), ("c", SKIPPED, "no stage uses it")],
    ),
    "used by a skipped stage": (
        "FROM alpine AS a\nFROM alpine AS b\nCOPY --from=a /x /\nFROM alpine\n",
        None,
        [
            ("a", SKIPPED, "used by b (COPY in line 3), which the target does not need"),
            ("b", SKIPPED, "no stage uses it"),
            ("stage-2", BUILT, "the target"),
        ],
    ),
    "used by a mount": (
        "FROM alpine AS a\nFROM alpine\nRUN --mount=from=a,target=/a true\n",
        None,
        [("a", BUILT, "used by stage-1 (RUN in line 3)"), ("stage-1", BUILT, "the target")],
    ),
    "used twice": (
        "FROM alpine AS a\nFROM a\nCOPY --from=a / /\n",
        None,
        [("a", BUILT, "used by stage-1 (FROM in line 2), stage-1 (COPY in line 3)"), ("stage-1", BUILT, "the target")],
    ),
    "used by number": (
        "FROM alpine\nFROM scratch\nCOPY --from=0 / /\n",
        None,
        [("stage-0", BUILT, "used by stage-1 (COPY in line 3)"), ("stage-1", BUILT, "the target")],
    ),
    "by the value of an argument": (
        "ARG V=b\nFROM alpine AS a\nFROM alpine AS b\nFROM $V\n",
        None,
        [("a", SKIPPED, "no stage uses it"), ("b", BUILT, "used by stage-2 (FROM in line 4)"), ("stage-2", BUILT, "the target")],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_stages_lists_built_and_skipped_stages_with_reasons(name: str) -> None:
    dockerfile, target, expected = CASES[name]
    statuses = stage_statuses(llbfront.convert(dockerfile, target=target))
    assert [(status.name, status.is_built, status.reason) for status in statuses] == expected


def test_a_stage_that_a_context_replaces(tmp_path: pathlib.Path) -> None:
    graph = llbfront.convert("FROM alpine AS a\nRUN x\nFROM scratch\nCOPY --from=a / /\n", contexts={"a": tmp_path})
    first, _ = stage_statuses(graph)
    assert (first.is_built, first.reason, first.steps) == (False, "the build context a replaces it", ())


@pytest.mark.parametrize("is_index", [False, True])
def test_the_triggers_of_an_image_in_an_oci_layout_are_known(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], *, is_index: bool
) -> None:
    def blob(value: object, **more: object) -> dict[str, object]:
        data = json.dumps(value).encode()
        digest = hashlib.sha256(data).hexdigest()
        (tmp_path / "base/blobs/sha256" / digest).write_bytes(data)
        return {"digest": f"sha256:{digest}", "size": len(data), **more}

    (tmp_path / "base/blobs/sha256").mkdir(parents=True)
    triggers = {"OnBuild": ["COPY package.json /", "RUN install"], "Env": ["PATH=/bin"]}
    rootfs = {"type": "layers", "diff_ids": ["sha256:" + "1" * 64]}
    config = blob({"os": "linux", "architecture": "amd64", "config": triggers, "rootfs": rootfs})
    image = blob({"schemaVersion": 2, "config": config, "layers": []}, mediaType=OCI_MANIFEST)
    if is_index:
        platform = {"os": "linux", "architecture": "amd64"}
        image = blob({"schemaVersion": 2, "manifests": [image | {"platform": platform}]}, mediaType=OCI_INDEX)
    (tmp_path / "base/index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [image]}))
    (tmp_path / "Dockerfile").write_text("FROM base\n")
    (tmp_path / "package.json").write_text("{}")
    options = ["--platform", "linux/amd64", "--build-context", f"base=oci-layout://{tmp_path}/base"]
    assert main(["stages", "--json", *options, str(tmp_path)]) == 0
    captured = capsys.readouterr()
    (stage,) = json.loads(captured.out)["stages"]
    assert [step.rpartition("] ")[2] for step in stage["steps"]][-2:] == ["ONBUILD COPY package.json /", "ONBUILD RUN install"]
    assert captured.err == ""
    (tmp_path / "changed").write_text(f"{tmp_path}/package.json\n")
    assert main(["affected", "--files", str(tmp_path / "changed"), *options, str(tmp_path)]) == 0
    assert "package.json changed" in capsys.readouterr().out


def test_steps_are_those_of_the_graph() -> None:
    first, last = stage_statuses(llbfront.convert("FROM alpine AS a\nRUN x\nFROM scratch\nENV A=1\nCOPY --from=a / /\n"))
    assert [step.rpartition("] ")[2] for step in first.steps] == ["FROM docker.io/library/alpine:latest", "RUN x"]
    assert last.steps == ("[stage-1 1/1] COPY --from=a / /",)


REQUIRED = "FROM alpine AS test\nFROM alpine AS Final\n"


@pytest.mark.parametrize(
    ("names", "skipped"), [([], []), (["final"], []), (["test"], ["test"]), (["0", "1"], ["test"]), (["TEST"], ["test"])]
)
def test_required_stages(names: list[str], skipped: list[str]) -> None:
    assert [status.name for status in required(stage_statuses(llbfront.convert(REQUIRED)), names)] == skipped


def test_a_required_stage_that_does_not_exist() -> None:
    with pytest.raises(OptionError, match="there is no stage tests") as caught:
        required(stage_statuses(llbfront.convert(REQUIRED)), ["tests"])
    assert caught.value.hint == "did you mean test?"


@pytest.mark.parametrize(
    ("arguments", "code"), [([], 0), (["--require", "final"], 0), (["--require", "test"], 4), (["--require", "x"], 2)]
)
def test_the_command_shows_skipped_stages(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int
) -> None:
    (tmp_path / "Dockerfile").write_text(REQUIRED)
    assert main(["stages", *arguments, str(tmp_path)]) == code
    captured = capsys.readouterr()
    assert ("skipped  test   line 1: no stage uses it" in captured.out) == (code != 2)
    assert ("the stage test would be skipped: no stage uses it" in captured.err) == (code == 4)


def test_json_has_the_state_of_each_stage(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "Dockerfile").write_text(REQUIRED)
    assert main(["stages", "--json", str(tmp_path)]) == 0
    assert capsys.readouterr().out == to_json(stage_statuses(llbfront.convert(tmp_path))) + "\n"
    document = json.loads(to_json(stage_statuses(llbfront.convert(tmp_path))))
    assert document["schema"] == "llbfront.stages/1"
    assert [(stage["stage"], stage["state"]) for stage in document["stages"]] == [("test", "skipped"), ("final", "built")]
