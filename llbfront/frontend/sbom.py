"""Create SBOM attestations by running a scanner image over the result of each platform.

Source: frontend/attestations/sbom/sbom.go of BuildKit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import attrs

from llbfront import llb
from llbfront.errors import LlbfrontError, OptionError
from llbfront.frontend.bridge import Attestation, ImageRequest
from llbfront.frontend.results import platform_id
from llbfront.llb.op import OpMeta
from llbfront.oci import image as images
from llbfront.oci import platform as platforms

if TYPE_CHECKING:
    from llbfront.frontend.bridge import Bridge, Returned
    from llbfront.frontend.options import Options, Sbom
    from llbfront.frontend.results import Converted
    from llbfront.llb.definition import Definition
    from llbfront.oci.platform import Platform

SPDX = "https://spdx.dev/Document"
_SOURCE, _OUT, _CORE = "/run/src", "/run/out/", "sbom"


@attrs.frozen(eq=False)
class Scanner:
    """A scanner image: what it runs, in which environment, on which platform."""

    ref: str
    args: tuple[str, ...]
    env: tuple[str, ...]
    cwd: str
    platform: Platform
    parameters: tuple[tuple[str, str], ...]


def find_scanner(bridge: Bridge, sbom: Sbom, options: Options) -> Scanner:
    """Look up the scanner that is asked for. Raises: LlbfrontError."""
    platform = options.convert_options.build_platforms[0]
    mode = options.texts.get("image-resolve-mode", "")
    (image,) = bridge.resolve_images([ImageRequest(sbom.generator, platform, mode, "")])
    if isinstance(image, LlbfrontError):
        raise image
    config = images.read(image.config).config
    args = (*(config.entrypoint or ()), *(config.cmd or ()))
    if not args:
        raise OptionError(f"scanner {image.ref} does not have cmd")
    return Scanner(image.ref, args, config.env or (), config.working_dir, platform, sbom.parameters)


def scanned(
    bridge: Bridge,
    scanner: Scanner,
    requested: Sequence[Platform | None],
    converted: Sequence[Converted],
    returned: Returned,
) -> Returned:
    """Add the scans of all platforms to a result."""
    keys = [platform_id(platform) for platform in requested]
    graphs = [_scan_graph(bridge, scanner, key, result) for key, result in zip(keys, converted, strict=True)]
    attestations: dict[str, tuple[Attestation, ...]] = {}
    for key, ref in zip(keys, bridge.solve(graphs), strict=True):
        made_here = Attestation("bundle", ref, predicate_type=SPDX, metadata={"reason": b"sbom", "sbom-core": _CORE.encode()})
        attestations[key] = (*attestations.get(key, ()), made_here)
    return attrs.evolve(returned, attestations=attestations)


def _scan_graph(bridge: Bridge, scanner: Scanner, key: str, result: Converted) -> Definition:
    """Parity: a scan is marshalled without capabilities, but ops of the result keep those that they were found to need."""
    graph = llb.marshal(_scan(scanner, key, result), platform=platforms.default())
    built = llb.marshal(result.state, platform=platforms.default(), caps=bridge.llb_caps)
    metadata = {
        digest: attrs.evolve(meta, caps=meta.caps | built.metadata[digest].caps) if digest in built.metadata else meta
        for digest, meta in graph.metadata.items()
    }
    return attrs.evolve(graph, metadata=metadata)


def _scan(scanner: Scanner, key: str, result: Converted) -> llb.State:
    extras = result.sbom.extras
    env = [
        *scanner.env,
        f"BUILDKIT_SCAN_DESTINATION={_OUT}",
        f"BUILDKIT_SCAN_SOURCE={_SOURCE}/core/{_CORE}",
        *((f"BUILDKIT_SCAN_SOURCE_EXTRAS={_SOURCE}/extras",) if extras else ()),
        *(f"BUILDKIT_SCAN_{name}={value}" for name, value in scanner.parameters),
    ]
    image = llb.image(scanner.ref, platform=scanner.platform)
    values: dict[str, str] = {}
    for entry in env:
        name, _, value = entry.partition("=")
        values.pop(name, None)
        values[name] = value
    meta = OpMeta(name=f"[{key}] generating sbom using {scanner.ref}", ignore_cache=result.sbom.ignore_cache)
    run = (
        image.with_cwd(scanner.cwd)
        .with_env(values)
        .run(
            scanner.args,
            mounts=(
                _temporary(scanner, image),
                llb.Bind(f"{_SOURCE}/core/{_CORE}", result.state, readonly=True),
                *(llb.Bind(f"{_SOURCE}/extras/{_CORE}-{name}", state, readonly=True) for name, state in extras.items()),
                llb.Scratch(_OUT),
            ),
            meta=meta,
        )
    )
    return run.mount(_OUT)


def _temporary(scanner: Scanner, image: llb.State) -> llb.Mount:
    if scanner.platform.os != "windows":
        return llb.Tmpfs("/tmp")  # noqa: S108  a mount of the scanner's own
    return llb.Bind("/tmp", image.file(llb.Mkdir("/tmp", 0o777, parents=True)), selector="/tmp", output=False)  # noqa: S108
