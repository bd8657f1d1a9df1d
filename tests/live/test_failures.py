"""What an engine says of sources that fail, with its real words: each error names file and line, and what failed."""

from __future__ import annotations

import functools
import http.server
import pathlib
import threading
from typing import TYPE_CHECKING

import pytest

import llbfront
from llbfront.errors import LlbfrontError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.live.conftest import Engine

ZEROS = "0" * 64
CASES: list[tuple[str, dict[str, str], str]] = [
    # Dockerfile, named contexts, how the error begins
    ("FROM scratch\nADD <web>/nope /\n", {}, "Dockerfile:2: <web>/nope: invalid response status 404 Not Found (check the address)"),
    (f"FROM scratch\nADD --checksum=sha256:{ZEROS} <web>/file /\n", {}, "Dockerfile:2: <web>/file: digest mismatch sha256:"),
    ("FROM scratch\nADD http://127.0.0.1:1/f /\n", {}, 'Dockerfile:2: Get "http://127.0.0.1:1/f": dial tcp'),
    (
        "FROM scratch\nADD <web>/nope.git /\n",
        {},
        "Dockerfile:2: error fetching default branch for repository <web>/nope.git: fatal: ",
    ),
    ("FROM scratch\nADD <web>/nope.git#v1 /\n", {}, "Dockerfile:2: failed to fetch remote <web>/nope.git: fatal: "),
    ("FROM scratch\nADD git@127.0.0.1:a/b.git /\n", {}, 'Dockerfile:2: git@127.0.0.1:a/b.git: no SSH key "default" forwarded'),
    ("FROM scratch\nCOPY file /\nCOPY a[0 /\n", {}, "Dockerfile:3: syntax error in pattern"),
    ('FROM scratch\nCOPY file /\nCOPY ["a\\nb", "/"]\n', {}, r'Dockerfile:3: "/a\nb" has a control character'),
    ("FROM scratch\nCOPY file /\nCOPY none /\n", {}, 'Dockerfile:3: "/none" does not exist (the build context does not have it'),
    ("FROM scratch\nCOPY --from=n /none /\n", {"n": "<web>/nope"}, "Dockerfile:2: <web>/nope: invalid response status 404"),
    (
        "FROM scratch\nRUN --mount=from=n,target=/n x\n",
        {"n": "<web>/nope"},
        "Dockerfile:2: <web>/nope: invalid response status 404",
    ),
    ("FROM scratch\nFROM n\nRUN x\n", {"n": "<web>/nope"}, "Dockerfile:2: <web>/nope: invalid response status 404"),
    ("FROM scratch\nCOPY --from=n /none /\n", {"n": "."}, 'Dockerfile:2: "/none" does not exist (the context n does not have it'),
    (
        "FROM 127.0.0.1:1/none\n",
        {},
        "Dockerfile:1: 127.0.0.1:1/none: failed to resolve source metadata for 127.0.0.1:1/none:latest: ",
    ),
    ("FROM scratch\nCOPY --from=127.0.0.1:1/none / /\n", {}, "Dockerfile:2: 127.0.0.1:1/none: failed to resolve source metadata"),
    (
        "FROM scratch\nRUN --mount=from=127.0.0.1:1/none x\n",
        {},
        "Dockerfile:2: 127.0.0.1:1/none: failed to resolve source metadata",
    ),
    ("FROM scratch AS a\nONBUILD ADD <web>/nope /\nFROM a\n", {}, "Dockerfile:3: <web>/nope: invalid response status 404"),
]


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("web")
    (folder / "file").write_text("file\n")
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(("text", "contexts", "beginning"), CASES)
def test_an_error_about_a_source_has_its_place(
    engine: Engine, web: str, tmp_path: pathlib.Path, text: str, contexts: dict[str, str], beginning: str
) -> None:
    (tmp_path / "file").write_text("file\n")
    (tmp_path / "Dockerfile").write_text(text.replace("<web>", web))
    named = {name: str(tmp_path) if value == "." else value.replace("<web>", web) for name, value in contexts.items()}
    with llbfront.connect(engine.address) as connection, pytest.raises(LlbfrontError) as caught:
        connection.build(tmp_path, build_contexts=named)
    assert str(caught.value).startswith(beginning.replace("<web>", web))
    assert "rpc error" not in str(caught.value)
    assert ">>>" in "\n".join(caught.value.explanation())
