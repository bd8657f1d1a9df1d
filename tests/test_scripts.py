"""The scripts of docs/scripting.md answer right for Dockerfiles that name images in every way, too."""

import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[1]
SCRIPT = re.compile(r"<!-- tested: ([a-z ]+) -->\n```python\n(.*?)```", re.DOTALL)
SCRIPTS = dict(SCRIPT.findall((ROOT / "docs/scripting.md").read_text()))


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
def test_scripts_handle_a_dockerfile_with_every_instruction(name: str, tmp_path: pathlib.Path) -> None:
    (tmp_path / "Dockerfile").write_text(EVERYTHING)
    code = SCRIPTS[name].replace('convert("examples/golang/app")', 'convert(".", contexts={"other": "docker-image://alpine:3"})')
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout == ANSWERS[name]


def test_layers_of_a_dockerfile_with_a_single_stage(tmp_path: pathlib.Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM alpine AS app\nRUN a\nCOPY b /c\n")
    code = SCRIPTS["layers"].replace("examples/golang/app", ".")
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout == "app 2\n"


def test_the_page_has_these_scripts() -> None:
    assert set(SCRIPTS) == {"unpinned", "network", "layers", "context", "difference", "inputs"}


def test_the_readme_names_commands_that_exist() -> None:
    commands = re.findall(r"^\$ llbfront (\w+)", (ROOT / "README.md").read_text(), re.MULTILINE)
    from llbfront.cli.commands import COMMANDS

    assert set(commands) <= set(COMMANDS)
    assert len(commands) > 5
