"""A build, from options to result. This is the table of contents: every step has a room or a module of its own.

Enters: a bridge to an engine. Leaves: what the engine is to export.

Source: frontend/dockerfile/builder/build.go of BuildKit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from llbfront import llb
from llbfront.dockerfile.parser import parse
from llbfront.dockerfile2llb import bases as convert_bases
from llbfront.dockerfile2llb.emit import convert
from llbfront.dockerfile2llb.opening import Opening, open_dockerfile
from llbfront.errors import UnsupportedCapability
from llbfront.frontend import bases, contexts, forwarding, results
from llbfront.frontend.checks import Checks, syntax_findings
from llbfront.frontend.options import read_options

if TYPE_CHECKING:
    from llbfront.dockerfile2llb.bases import Known
    from llbfront.dockerfile2llb.emit import Result
    from llbfront.frontend.bridge import Bridge, Returned
    from llbfront.frontend.contexts import Entry, MainContext
    from llbfront.frontend.options import Options
    from llbfront.frontend.results import Converted
    from llbfront.frontend.sbom import Scanner
    from llbfront.oci.platform import Platform


def build(bridge: Bridge) -> Returned:
    """Build what the bridge's options ask for. Raises LlbfrontError, with the place in the Dockerfile where there is one."""
    need_file_ops(bridge)
    options = read_options(bridge.options, bridge.platforms)
    missing = forwarding.missing_cap(options.texts.get("frontend.caps", ""))
    context = contexts.find_context(bridge, options)
    entry = contexts.read_dockerfile(bridge, options, context)
    if other := forwarding.other_frontend(options.texts, entry):
        return forwarding.forward(bridge, options, other)
    if missing:
        raise missing
    return build_dockerfile(bridge, options, context, entry)


def build_dockerfile(bridge: Bridge, options: Options, context: MainContext, entry: Entry) -> Returned:
    """Build a Dockerfile that has been read, or answer the question about it that the options ask."""
    if "requestid" in options.texts:
        from llbfront.frontend import subrequests

        return subrequests.answer(options.texts["requestid"], subrequests.Request(bridge, options, context, entry, convert_all))
    scanner = find_scanner(bridge, options)
    wanted = options.platforms or (None,)
    converted = convert_all(bridge, options, context, entry, wanted, Checks(bridge, options, entry))
    return solve_all(bridge, options, wanted, converted, scanner)


def solve_all(
    bridge: Bridge, options: Options, wanted: Sequence[Platform | None], converted: Sequence[Converted], scanner: Scanner | None
) -> Returned:
    """Let the engine take the graphs of all platforms, and put together what it is to export."""
    graphs = [llb.marshal(result.state, platform=result.platform, caps=bridge.llb_caps) for result in converted]
    refs = bridge.solve(graphs, cache_imports=options.cache_imports)
    made = results.returned(wanted, converted, refs, is_map=options.settings.multi_platform)
    if not scanner:
        return made
    from llbfront.frontend.sbom import scanned

    return scanned(bridge, scanner, wanted, converted, made)


def convert_all(
    bridge: Bridge, options: Options, context: MainContext, entry: Entry, wanted: Sequence[Platform | None], checks: Checks
) -> list[Result]:
    """Convert for each platform, looking up what all of them need together. Only the first platform is checked."""
    with checks:
        dockerfile = parse(entry.source)
        openings = []
        for number, platform in enumerate(wanted):
            opening = open_dockerfile(dockerfile, options.settings, platform, checks.findings(number), syntax_findings)
            if opening.epoch_wanted:
                from llbfront.frontend.epochs import resolve_epoch

                opening = opening.with_epoch(resolve_epoch(bridge, options, context, entry, opening.epoch_wanted))
            openings.append(opening)
        settlements = _settle(bridge, options, openings, checks)
        ignore = contexts.read_ignore(bridge, options, context, entry)
        checks.ignore(ignore)
        files = contexts.files_of(bridge, options, context, ignore.patterns)
        return [
            convert(
                settlement,
                source=entry.source,
                context=files,
                epoch=opening.epoch,
                caps=bridge.llb_caps,
                findings=checks.findings(number),
            )
            for number, (opening, settlement) in enumerate(zip(openings, settlements, strict=True))
        ]


def _settle(bridge: Bridge, options: Options, openings: Sequence[Opening], checks: Checks) -> list[convert_bases.Settlement]:
    """Resolve what the plans want until they want nothing more."""
    known: Known = {}
    plans = [opening.plan(checks.findings(number)) for number, opening in enumerate(openings)]
    settled: dict[int, convert_bases.Settlement] = {}
    while True:
        for number, plan in enumerate(plans):
            if number not in settled or settled[number].wanted:
                settled[number] = convert_bases.settle(plan, known, checks.findings(number))
        wanted = dict.fromkeys(want for settlement in settled.values() for want in settlement.wanted)
        if not wanted:
            return list(settled.values())
        known.update(bases.resolve(bridge, options, tuple(wanted)))


def find_scanner(bridge: Bridge, options: Options) -> Scanner | None:
    """Look up the scanner that the options ask for. Raises LlbfrontError."""
    if options.sbom is None:
        return None
    from llbfront.frontend import sbom

    return sbom.find_scanner(bridge, options.sbom, options)


def need_file_ops(bridge: Bridge) -> None:
    """Raise UnsupportedCapability for an engine that is too old for any build."""
    try:
        bridge.llb_caps.require("file.base")
    except UnsupportedCapability as error:
        error.message = f"needs BuildKit 0.5 or later: {error.message}"
        raise
