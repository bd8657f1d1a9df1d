"""Collections are paused for a block, and only if they were on."""

from __future__ import annotations

import gc

import pytest

from llbfront import garbage_collection


@pytest.mark.parametrize("is_enabled", [True, False])
def test_the_state_before_comes_back(is_enabled: bool) -> None:
    was_enabled = gc.isenabled()
    try:
        (gc.enable if is_enabled else gc.disable)()
        with garbage_collection.paused():
            assert not gc.isenabled()
        assert gc.isenabled() is is_enabled
    finally:
        (gc.enable if was_enabled else gc.disable)()
