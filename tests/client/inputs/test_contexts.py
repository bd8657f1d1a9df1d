"""Which files of this machine a build may read, and under which names."""

import functools
import gzip
import io
import json
import pathlib
import re
import tarfile
import tempfile
from typing import Any

import pytest

from llbfront.client.inputs import contexts
from llbfront.errors import ContextError, OptionError
from llbfront.fsutil.archive import sniff


@pytest.fixture
def app(tmp_path: pathlib.Path) -> pathlib.Path:
    (tmp_path / "app").mkdir()
    (tmp_path / "app/Dockerfile").write_text("FROM scratch\n")
    return tmp_path / "app"


def test_a_directory_offers_context_and_dockerfile(app: pathlib.Path) -> None:
    inputs = contexts.gather(str(app))
    assert inputs.directories == {"context": str(app), "dockerfile": str(app)}
    assert inputs.options == {"filename": "Dockerfile"}


def test_the_dockerfile_may_stand_elsewhere(app: pathlib.Path, tmp_path: pathlib.Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files/prod.Dockerfile").write_text("FROM scratch\n")
    inputs = contexts.gather(str(app), dockerfile=str(tmp_path / "files/prod.Dockerfile"))
    assert inputs.directories["dockerfile"] == str(tmp_path / "files")
    assert inputs.options == {"filename": "prod.Dockerfile"}


def test_a_lower_case_dockerfile_is_found(tmp_path: pathlib.Path) -> None:
    (tmp_path / "dockerfile").write_text("FROM scratch\n")
    assert contexts.gather(str(tmp_path)).options == {"filename": "dockerfile"}


def test_a_dockerfile_on_standard_input_has_a_directory_of_its_own(app: pathlib.Path) -> None:
    inputs = contexts.gather(str(app), dockerfile="-", stdin=io.BytesIO(b"FROM scratch\nLABEL a=b\n"))
    offered = pathlib.Path(inputs.directories["dockerfile"])
    assert (offered / "Dockerfile").read_bytes() == b"FROM scratch\nLABEL a=b\n"
    assert inputs.options["dockerfilekey"] == "dockerfile"
    inputs.close()
    assert not offered.exists()


def test_standard_input_as_context_is_an_archive_or_a_dockerfile() -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("Dockerfile"))
    inputs = contexts.gather("-", stdin=io.BufferedReader(io.BytesIO(packed.getvalue())))
    assert inputs.upload is not None
    assert inputs.options["context"] == f"http://buildkit-session{inputs.upload[0]}"
    text = contexts.gather("-", stdin=io.BufferedReader(io.BytesIO(b"FROM scratch\n")))
    assert text.upload is None
    assert pathlib.Path(text.directories["dockerfile"], "Dockerfile").read_bytes() == b"FROM scratch\n"
    text.close()


@pytest.mark.parametrize(
    ("form", "name", "mtime"),
    [
        (tarfile.PAX_FORMAT, "Dockerfile", 1.5),
        (tarfile.PAX_FORMAT, "ä" * 60, 0),
        (tarfile.GNU_FORMAT, "d" * 120, 0),
        (tarfile.PAX_FORMAT, "d/" * 200 + "Dockerfile", 2.25),
    ],
)
def test_a_tar_that_begins_with_a_header_for_the_next_member_is_sent_as_gzip(form: int, name: str, mtime: float) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=form) as archive:
        member = tarfile.TarInfo(name)
        member.mtime = mtime
        archive.addfile(member)
    assert sniff(packed.getvalue()) is None
    sent = []
    for _ in range(2):
        upload = contexts.gather("-", stdin=io.BytesIO(packed.getvalue())).upload
        assert upload is not None
        pieces = iter(functools.partial(upload[1].read, 4096), b"")
        sent.append(b"".join(pieces))
    assert sniff(sent[0]) == "gzip"
    assert gzip.decompress(sent[0]) == packed.getvalue()
    assert sent[0] == sent[1]


def test_a_url_is_left_to_the_frontend() -> None:
    inputs = contexts.gather("https://host.example/repo.git#main", dockerfile="build/Dockerfile")
    assert inputs.directories == {}
    assert inputs.options == {"context": "https://host.example/repo.git#main", "filename": "build/Dockerfile"}


def test_named_contexts(app: pathlib.Path, tmp_path: pathlib.Path) -> None:
    layout = tmp_path / "layout"
    layout.mkdir()
    entry = {"digest": "sha256:" + "1" * 64, "annotations": {"org.opencontainers.image.ref.name": "v1"}}
    (layout / "index.json").write_text(json.dumps({"manifests": [entry]}))
    named = {"base": "docker-image://alpine", "src": str(tmp_path), "img": f"oci-layout://{layout}:v1"}
    inputs = contexts.gather(str(app), named=named)
    assert inputs.directories["src"] == str(tmp_path)
    assert inputs.layouts == {"img": str(layout)}
    assert inputs.options["context:base"] == "docker-image://alpine"
    assert inputs.options["context:src"] == "local:src"
    assert inputs.options["context:img"] == f"oci-layout://img@sha256:{'1' * 64}"


@pytest.mark.parametrize("name", ["context", "dockerfile"])
def test_named_contexts_do_not_replace_the_directories_of_a_build(app: pathlib.Path, tmp_path: pathlib.Path, name: str) -> None:
    (tmp_path / "other").mkdir()
    inputs = contexts.gather(str(app), named={name: str(tmp_path / "other")})
    assert inputs.directories[name] == str(app)
    assert inputs.directories[f"_{name}"] == str(tmp_path / "other")
    assert inputs.options[f"context:{name}"] == f"local:_{name}"


def test_bad_inputs_are_one_line_each(app: pathlib.Path, tmp_path: pathlib.Path) -> None:
    (tmp_path / "Dockerfil").write_text("")
    cases: tuple[tuple[Any, Any, type[Exception], str], ...] = (
        ((str(tmp_path / "none"),), {}, ContextError, "no such directory"),
        ((str(app / "Dockerfile"),), {}, ContextError, "it is a file, not a directory"),
        ((str(tmp_path),), {}, ContextError, rf"did you mean {re.escape(str(tmp_path))}/Dockerfil\?"),
        ((str(app),), {"dockerfile": str(app)}, ContextError, "it is a directory"),
        ((str(app),), {"named": {"x": str(app / "none")}}, ContextError, "the build context x"),
        ((str(app),), {"named": {"x": f"oci-layout://{app}"}}, ContextError, "cannot read the OCI layout"),
        (("-",), {"dockerfile": "-"}, OptionError, "cannot be both"),
    )
    for arguments, keywords, kind, message in cases:
        with pytest.raises(kind, match=message) as caught:
            contexts.gather(*arguments, **keywords)
        assert "\n" not in str(caught.value)


def test_hints_about_the_dockerfile_name_what_failed(tmp_path: pathlib.Path) -> None:
    context = tmp_path / "context"
    context.mkdir()
    (context / "build.Dockerfile").write_text("FROM scratch\n")
    cases = {
        None: 'name it with file="FILE"',
        "build.Dockerfile": f'the path is relative to the current directory: file="{context}/build.Dockerfile"',
        str(context / "build.Dockerfil"): f"did you mean {context}/build.Dockerfile?",
        str(tmp_path / "none"): None,
    }
    for file, hint in cases.items():
        with pytest.raises(ContextError) as caught:
            contexts.gather(str(context), dockerfile=file, named={}, stdin=None)
        assert caught.value.hint == hint


def test_only_the_main_context_may_be_meant_as_a_dockerfile(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "Dockerfile"
    file.write_text("FROM scratch\n")
    with pytest.raises(ContextError, match="name a Dockerfile with file"):
        contexts.gather(str(file), dockerfile=None, named={}, stdin=None)
    with pytest.raises(ContextError) as caught:
        contexts.gather(str(tmp_path), dockerfile=None, named={"other": str(file)}, stdin=None)
    assert caught.value.hint is None


def test_a_dockerfile_whose_name_cannot_be_sent_is_offered_under_another(tmp_path: pathlib.Path) -> None:
    (tmp_path / "\udcff").write_bytes(b"FROM scratch\n")
    offered = contexts.gather(str(tmp_path), dockerfile=str(tmp_path / "\udcff"), named={}, stdin=None)
    try:
        assert offered.options["filename"] == "Dockerfile"
        assert pathlib.Path(offered.directories["dockerfile"], "Dockerfile").read_bytes() == b"FROM scratch\n"
    finally:
        offered.close()


@pytest.mark.parametrize(
    ("context", "dockerfile", "named"),
    [
        (".", b"FROM scratch\n", {"c": "/nowhere"}),
        (".", b"FROM scratch\n", {"c": "oci-layout:///nowhere"}),
        ("https://example.com/x.tar", b"FROM scratch\n", {"c": "/nowhere"}),
        (b"FROM scratch\n", None, {"c": "/nowhere"}),
        ("-", None, {"c": "/nowhere"}),
        ("-", None, {}),
    ],
)
def test_a_refused_input_leaves_no_temporary_directory(
    context: str | bytes, dockerfile: bytes | None, named: dict[str, str], tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    text = b"FROM scratch\n" if named else b"#" * (contexts.READ_LIMIT_BYTES + 1)
    memory = io.BytesIO(context) if isinstance(context, bytes) else context
    with pytest.raises(ContextError):
        contexts.gather(memory, dockerfile=dockerfile, named=named, stdin=io.BytesIO(text))
    assert list(tmp_path.iterdir()) == []
