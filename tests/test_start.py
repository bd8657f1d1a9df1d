"""What a program loads when it starts: modules that cost milliseconds stay out until something needs them."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROTOBUF = "google google.protobuf google._upb._message"
SLOW = "urllib3 http.client ssl asyncio logging grpc tomllib rich cryptography nacl llbfront.http.client"
ASKED = "importlib.metadata llbfront.rules llbfront.kit llbfront.inspection llbfront.frontend.subrequests.lint"
LATER = "llbfront.dockerfile2llb.emit llbfront.frontend.build llbfront.llb llbfront.dockerfile.parser"


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("llbfront", f"{PROTOBUF} {SLOW} {LATER} typing re attr inspect dataclasses llbfront.client.engine llbfront.client.build"),
        ("llbfront.cli.main", f"{PROTOBUF} {SLOW} {LATER} llbfront.client.engine llbfront.client.build"),
        ("llbfront.client.engine, llbfront.client.solve.running_solve, llbfront.client.solve.session_services", f"{SLOW} {LATER}"),
        (
            "llbfront.client.engine, llbfront.frontend.build, llbfront.frontend.gateway, llbfront.rpc.stream_channel, llbfront.connhelper.sockets, llbfront.engine.discover",
            f"{SLOW} {ASKED}",
        ),
    ],
)
def test_starting_loads_only_what_is_needed(module: str, unwanted: str) -> None:
    script = f"import sys; before = set(sys.modules); import {module}; print(*sorted(set(sys.modules) - before))"
    loaded = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout.split()
    assert "llbfront" in loaded
    assert not set(unwanted.split()) & set(loaded)
