"""Rows of flags with an empty value, as a variable of a script leaves behind that is not set."""

from __future__ import annotations

from tests.live.beside_buildx.row import FLAT, Row

OCI = "-o type=oci,dest=out.tar"
UNSET = (
    "add-host", "allow", "annotation", "build-context", "cache-from", "cache-to", "call", "cgroup-parent", "file", "iidfile",
    "metadata-file", "network", "progress", "provenance", "sbom", "secret", "ssh", "target",
)  # fmt: skip
REFUSED = ("attest", "build-arg", "label", "platform", "shm-size", "tag", "ulimit")
RECORDED = {"record.options.no-cache": "buildx sends an empty list of stages"}
ROWS = (
    *(Row(f"--{flag} without a value", f"{OCI} --{flag}=", FLAT) for flag in UNSET),
    *(Row(f"--{flag} without a value", f"{OCI} --{flag}=", FLAT, fails=True) for flag in REFUSED),
    Row("--output without a value", "--output=", FLAT),
    Row("--no-cache-filter without a value", f"{OCI} --no-cache-filter=", FLAT, decided=RECORDED),
)
