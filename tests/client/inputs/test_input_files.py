"""Results do not replace what the build reads: Dockerfile, ignore files, secrets, keys, caches, contexts."""

from __future__ import annotations

import os
import pathlib

import pytest

from llbfront.cli.main import main
from llbfront.client.inputs.input_files import refuse_overwriting
from llbfront.client.request.build_request import BuildRequest
from llbfront.errors import OptionError

SHA = "sha256:" + "1" * 64
FILES = {
    "Dockerfile": "FROM scratch\n",
    "Dockerfile.dockerignore": "x\n",
    ".dockerignore": "x\n",
    "other/Dockerfile": "FROM scratch\n",
    "token": "hunter2",
    "id_rsa": "KEY",
    "policy.json": '{"rules": []}',
    "own.py": "def frontend(build): ...\n",
    "cache/index.json": "{}",
    "layout/index.json": '{"manifests": [{"digest": "' + SHA + '"}]}',
    "certs/key.pem": "KEY",
    "src/main.c": "int main;\n",
    "package.json": '{"name": "app"}',
    "empty": "",
    "old.iid": SHA,
    "old.json": '{"containerimage.digest": "x"}',
    "word": "sha256:of-the-last-run\n",
    "VERSION": "1.2.3\n",
    "bake.json": '{"a": {"llbfront.build.ref": "x"}, "b": {"containerimage.digest": "y"}}',
    "buildx.json": '{"buildx.build.warnings": [], "default": {"buildx.build.ref": "x"}}',
    "no-target.json": "{}",
    "texts.json": '{"image.title": "Image", "cache.title": "Cache"}',
    "some.json": '{"a": {"llbfront.build.ref": "x"}, "b": {"name": "app"}}',
    "list.json": '[{"llbfront.build.ref": "x"}]',
}


@pytest.fixture
def place(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    monkeypatch.chdir(tmp_path)
    for name, text in FILES.items():
        path = tmp_path / "app" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    os.symlink("app/Dockerfile", "link")
    os.link("app/token", "hard")
    return tmp_path


# Flags, and what the error says.
REFUSED = {
    "the Dockerfile": ("--iidfile app/Dockerfile app", "--iidfile would replace the Dockerfile: app/Dockerfile"),
    "through a symlink": ("--iidfile link app", "--iidfile would replace the Dockerfile: link"),
    "named with -f": ("--metadata-file app/other/Dockerfile -f app/other/Dockerfile app", "replace the Dockerfile"),
    "ignore file": ("--iidfile app/.dockerignore app", "replace the ignore file"),
    "ignore file of a Dockerfile": ("--iidfile app/Dockerfile.dockerignore app", "replace the ignore file"),
    "secret": ("--metadata-file app/token --secret id=t,src=app/token other", "replace the secret t"),
    "secret through a hard link": ("--iidfile hard --secret id=t,src=app/token other", "replace the secret t"),
    "source policy": ("--iidfile app/policy.json --source-policy-file app/policy.json other", "replace the source policy"),
    "frontend": ("--iidfile app/own.py --frontend app/own.py other", "replace the frontend"),
    "cache to": ("--iidfile app/cache/index.json --cache-to type=local,dest=app/cache other", "replace a file of the cache"),
    "cache from": ("--metadata-file app/cache/index.json --cache-from type=local,src=app/cache other", "a file of the cache"),
    "layout": (f"--iidfile app/layout/index.json --build-context a=oci-layout://app/layout@{SHA} other", "a file of the OCI layout a"),
    "certificate": ("--iidfile app/certs/key.pem --addr tcp://127.0.0.1:1?certs=app/certs other", "a certificate or its key"),
    "file of the context": ("--iidfile app/src/main.c app", "--iidfile would replace a file of the build context"),
    "file of a named context": ("--iidfile app/src/main.c --build-context a=app/src other", "a file of the build context"),
    "other JSON": ("--metadata-file app/package.json app", "--metadata-file would replace a file of the build context"),
    "metadata as an id": ("--iidfile app/old.json app", "--iidfile would replace a file of the build context"),
    "one word": ("--iidfile app/VERSION app", "--iidfile would replace a file of the build context"),
    "one word for metadata": ("--metadata-file app/VERSION app", "--metadata-file would replace a file of the build context"),
    "an id for metadata": ("--metadata-file app/old.iid app", "--metadata-file would replace a file of the build context"),
    "JSON with keys like those of results": ("--metadata-file app/texts.json app", "replace a file of the build context"),
    "metadata beside other JSON": ("--metadata-file app/some.json app", "replace a file of the build context"),
    "list of metadata": ("--metadata-file app/list.json app", "replace a file of the build context"),
    "metadata of targets as an id": ("--iidfile app/bake.json app", "replace a file of the build context"),
    "tar output": ("-o type=tar,dest=app/Dockerfile app", "the tar output would replace the Dockerfile: app/Dockerfile"),
    "oci output": ("-o type=oci,dest=app/token --secret id=t,src=app/token other", "the oci output would replace the secret t"),
    "check": ("--check --iidfile app/Dockerfile app", "--iidfile would replace the Dockerfile"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_a_build_reads_is_not_replaced(case: str, place: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    flags, message = REFUSED[case]
    os.mkdir("other")
    before = {name: (place / "app" / name).read_text() for name in FILES}
    assert main(["build", *flags.split()]) == 2
    assert message in capsys.readouterr().err
    assert {name: (place / "app" / name).read_text() for name in FILES} == before


# Files that an earlier build may have left, or that the build does not read: the build goes on, to an engine that is not there.
REPLACED = {
    "id of an earlier build": "--iidfile app/old.iid app",
    "metadata of an earlier build": "--metadata-file app/old.json app",
    "metadata of targets": "--metadata-file app/bake.json app",
    "metadata of targets with warnings": "--metadata-file app/buildx.json app",
    "metadata of no target": "--metadata-file app/no-target.json app",
    "empty file": "--iidfile app/empty app",
    "placeholder of an id": "--iidfile app/word app",
    "empty file for metadata": "--metadata-file app/empty app",
    "new file in the context": "--iidfile app/iid app",
    "file outside the contexts": "--iidfile hard -f app/Dockerfile app/src",
    "directory that is the context": "-o app app",
}


@pytest.mark.parametrize("case", REPLACED)
def test_other_files_are_replaced(case: str, place: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build", "--addr", f"unix://{place}/none.sock", *REPLACED[case].split()]) == 3
    assert "would replace" not in capsys.readouterr().err


def test_the_library_refuses_outputs(place: pathlib.Path) -> None:
    with pytest.raises(OptionError, match="the tar output would replace the Dockerfile: link"):
        refuse_overwriting(BuildRequest(context=place / "app"), [("link", "the tar output")])
