import io
import subprocess
import sys

import pytest

from llbfront.errors import OptionError
from llbfront.progress.display import QuietDisplay, display
from llbfront.progress.events import StatusEvent, Vertex
from llbfront.progress.plain import PlainDisplay
from llbfront.progress.rawjson import RawJSONDisplay
from llbfront.progress.trace import Trace
from llbfront.progress.tty import TTYDisplay
from tests.progress.terminal import Terminal

STEP = StatusEvent((Vertex("a", "größer 世界", started_ns=0, completed_ns=0),))


@pytest.mark.parametrize(
    ("mode", "environ", "on_terminal", "in_file"),
    [
        ("auto", {}, TTYDisplay, PlainDisplay),
        ("", {}, TTYDisplay, PlainDisplay),
        ("auto", {"TERM": "dumb"}, PlainDisplay, PlainDisplay),
        ("auto", {"BUILDKIT_PROGRESS": "plain"}, PlainDisplay, PlainDisplay),
        ("auto", {"BUILDKIT_PROGRESS": ""}, TTYDisplay, PlainDisplay),
        ("auto", {"BUILDKIT_PROGRESS": "quiet"}, QuietDisplay, QuietDisplay),
        ("plain", {"BUILDKIT_PROGRESS": "rawjson"}, PlainDisplay, PlainDisplay),
        ("rawjson", {}, RawJSONDisplay, RawJSONDisplay),
        ("none", {}, QuietDisplay, QuietDisplay),
    ],
)
def test_modes(mode: str, environ: dict[str, str], on_terminal: type, in_file: type) -> None:
    with Terminal() as terminal:
        assert type(display(mode, terminal.stream, environ)) is on_terminal
    assert type(display(mode, io.StringIO(), environ)) is in_file


def test_tty_in_a_file_is_refused() -> None:
    with pytest.raises(OptionError, match=r"needs a terminal \(use plain\)"):
        display("tty", io.StringIO(), {})


@pytest.mark.parametrize(("mode", "environ"), [("plane", {}), ("auto", {"BUILDKIT_PROGRESS": "plane"})])
def test_an_unknown_mode_is_refused_with_a_hint(mode: str, environ: dict[str, str]) -> None:
    with pytest.raises(OptionError, match=r"invalid progress mode 'plane'.*did you mean plain\?"):
        display(mode, io.StringIO(), environ)


@pytest.mark.parametrize("mode", ["plain", "rawjson", "quiet"])
def test_every_display_uses_the_given_trace(mode: str) -> None:
    trace = Trace()
    view = display(mode, io.StringIO(), {}, trace=trace)
    view.update(STEP, 0)
    view.tick()
    view.finish()
    assert view.trace is trace
    assert trace.completed == 1


def test_quiet_writes_nothing() -> None:
    stream = io.StringIO()
    view = display("quiet", stream, {})
    view.update(STEP, 0)
    view.finish(RuntimeError())
    assert stream.getvalue() == ""


def test_an_encoding_that_lacks_a_character_does_not_stop_a_build() -> None:
    written = io.BytesIO()
    view = display("plain", io.TextIOWrapper(written, encoding="ascii"), {"NO_COLOR": "1"})
    view.update(STEP, 0)
    view.finish()
    assert written.getvalue() == b"#1 gr??er ??\n#1 DONE 0.0s\n"


def test_displays_load_no_heavy_module() -> None:
    script = (
        "import io, sys; from llbfront.progress.display import display\ndisplay('plain', io.StringIO(), {}); print(*sys.modules)"
    )
    loaded = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout.split()
    assert "llbfront.progress.plain" in loaded
    assert not {"asyncio", "logging", "rich", "llbfront.progress.tty", "llbfront.progress.rawjson"} & set(loaded)
