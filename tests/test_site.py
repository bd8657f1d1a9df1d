"""The site of the documentation: it builds without a warning and needs no network to be viewed."""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest
from playwright import sync_api

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
ROOT = pathlib.Path(__file__).parent.parent
LOADED = re.compile(
    r"<(?:script|img|iframe|source)\b[^>]*\bsrc=[\"']?(https?:)?//|<link\b[^>]*rel=[\"']?stylesheet[^>]*href=[\"']?(https?:)?//"
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    if not os.environ.get("CI"):
        pytest.importorskip("mkdocs", reason="the extra `docs` is not installed")
    folder = tmp_path_factory.mktemp("site")
    command = (sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder))
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    return folder


def test_every_public_module_has_a_page(site: pathlib.Path) -> None:
    names = ("llbfront", "aio", "bake", "llb", "dockerfile", "inspection", "kit", "rules", "testing", "errors")
    for name in names:
        text = (site / f"api/{name}.html").read_text()
        assert "doc-heading" in text, f"the page of {name} has no names"
    assert "build_args" in (site / "api/llbfront.html").read_text()


def test_pages_load_nothing_from_the_network(site: pathlib.Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 30
    assert [str(page) for page in pages if LOADED.search(page.read_text())] == []


@pytest.mark.skipif(CHROMIUM is None, reason="chromium-headless-shell is not installed")
def test_a_browser_asks_for_nothing_from_the_network(site: pathlib.Path) -> None:
    requests: list[str] = []
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.on("request", lambda request: requests.append(request.url))
        for name in ("index.html", "api/llb.html", "inspection.html", "rules/index.html"):
            page.goto(f"file://{site}/{name}")
            page.wait_for_load_state("networkidle")
        browser.close()
    assert len(requests) > 4
    assert [url for url in requests if not url.startswith(("file:", "data:"))] == []


def test_style_sheets_load_nothing_from_the_network(site: pathlib.Path) -> None:
    sheets = list(site.rglob("*.css"))
    assert sheets
    assert [str(sheet) for sheet in sheets if re.search(r"(?:url\(|@import\s+)[\"']?(?:https?:)?//", sheet.read_text())] == []
