"""Where the private engine keeps its things."""

import os

from llbfront.engine import directories

HOME = {"HOME": "/home/ali"}


def test_defaults_of_the_xdg_specification() -> None:
    here = directories.default(HOME)
    assert here.data == "/home/ali/.local/share/llbfront"
    assert here.cache == "/home/ali/.cache/llbfront"
    assert here.state == "/home/ali/.local/state/llbfront/engine"
    assert here.socket == "/home/ali/.local/state/llbfront/run/buildkitd.sock"


def test_variables_move_each_directory() -> None:
    variables = {"XDG_DATA_HOME": "/d", "XDG_CACHE_HOME": "/c", "XDG_STATE_HOME": "/s", "XDG_RUNTIME_DIR": "/r"}
    here = directories.default(HOME | variables)
    assert (here.data, here.cache, here.state, here.runtime) == ("/d/llbfront", "/c/llbfront", "/s/llbfront/engine", "/r/llbfront")
    assert here.address == "unix:///r/llbfront/buildkitd.sock"


def test_relative_values_are_ignored() -> None:
    assert directories.default(HOME | {"XDG_STATE_HOME": "state", "XDG_RUNTIME_DIR": "run"}) == directories.default(HOME)


def test_engines_apart_share_the_programs_only() -> None:
    default, other = directories.default(HOME), directories.apart("/elsewhere", HOME)
    assert (default.data, default.cache) == (other.data, other.cache)
    assert all(path.startswith("/elsewhere" + os.sep) for path in (other.socket, other.pid, other.lock, other.log, other.root))
