"""The README's scripts that need no engine, run as they stand there: what they print is what stands below them."""

import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[1]
SCRIPT = re.compile(r"<!-- tested: ([a-z ]+) -->\n```python\n((?:(?!```).)*?)```\n\n```text\n(.*?)```", re.DOTALL)
SCRIPTS = {name: (code, output) for name, code, output in SCRIPT.findall((ROOT / "README.md").read_text())}


@pytest.mark.parametrize("name", SCRIPTS)
def test_it_prints_what_the_readme_says(name: str) -> None:
    code, output = SCRIPTS[name]
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout == output


EVERYTHING = f"""\
ARG TAG=3
FROM alpine:${{TAG}} AS base
ONBUILD RUN echo triggered
RUN --mount=type=bind,target=/in,source=src --mount=from=redis,target=/r --network=none make
COPY --link a b /d/
COPY --parents x/./y z /d/
COPY --from=nginx:latest /a /a
COPY --from=other /o /o
FROM base
ADD https://h/x /x
COPY --from=pinned@sha256:{"1" * 64} /a /a
RUN make
"""
ANSWERS = {
    "unpinned": "2: alpine:3\n4: redis\n7: nginx:latest\n8: alpine:3\n",
    "network": "Dockerfile:9: [stage-1 1/4] ONBUILD RUN echo triggered\nDockerfile:12: [stage-1 4/4] RUN make\n",
    "layers": "base 5\nstage-1 4\n",
    "context": "Dockerfile:4 /src\nDockerfile:5 /a /b\nDockerfile:6 /x/y /z\n",
}


@pytest.mark.parametrize("name", ANSWERS)
def test_it_answers_for_a_dockerfile_with_everything(name: str, tmp_path: pathlib.Path) -> None:
    (tmp_path / "Dockerfile").write_text(EVERYTHING)
    code = SCRIPTS[name][0].replace('convert("examples/golang/app")', 'convert(".", contexts={"other": "docker-image://alpine:3"})')
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout == ANSWERS[name]


def test_layers_of_a_dockerfile_with_a_single_stage(tmp_path: pathlib.Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM alpine AS app\nRUN a\nCOPY b /c\n")
    code = SCRIPTS["layers"][0].replace("examples/golang/app", ".")
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout == "app 2\n"


def test_the_readme_has_these_scripts() -> None:
    assert set(SCRIPTS) == {"unpinned", "network", "layers", "context", "difference", "inputs"}


def test_the_offline_commands_work_one_after_the_other(tmp_path: pathlib.Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    git = ("git", "-c", "user.name=t", "-c", "user.email=t@t.test")
    for words in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "first")):
        subprocess.run([*git, *words], cwd=tmp_path, check=True)
    section = (ROOT / "README.md").read_text().partition("## Without building\n")[2].partition("\n## ")[0]
    lines = re.findall(r"^\$ (.*)$", section, re.MULTILINE)
    assert len(lines) >= 11
    environ = {**os.environ, "PATH": f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}"}
    for line in lines:
        done = subprocess.run(["bash", "-c", line], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
        assert done.returncode in ({0, 4} if " check " in line else {0}), f"{line}\n{done.stderr}"


def test_the_table_of_commands_is_whole() -> None:
    commands = re.findall(r"^\$ llbfront (\w+)", (ROOT / "README.md").read_text(), re.MULTILINE)
    from llbfront.cli.commands import COMMANDS

    assert set(commands) <= set(COMMANDS)
