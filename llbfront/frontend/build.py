"""Run a build: from options to the result that the engine exports. Each step is a function of another module.

What few builds ask for, such as an SBOM or the answer to a subrequest, loads when it is asked for.

Source: frontend/dockerfile/builder/build.go of BuildKit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from llbfront import llb
from llbfront.dockerfile.parser import parse
from llbfront.dockerfile2llb.emit import convert
from llbfront.dockerfile2llb.prepared_dockerfile import PreparedDockerfile, prepare_dockerfile
from llbfront.dockerfile2llb.resolve import resolve
from llbfront.errors import UnsupportedCapability
from llbfront.frontend import contexts, forwarding, named_contexts, results
from llbfront.frontend.checks import Checks, syntax_findings
from llbfront.frontend.options import read_options

if TYPE_CHECKING:
    from llbfront.dockerfile2llb.emit import Result
    from llbfront.dockerfile2llb.resolved_plan import Resolved, ResolvedPlan
    from llbfront.frontend.bridge import Bridge, Returned
    from llbfront.frontend.contexts import Entry, MainContext
    from llbfront.frontend.options import Options
    from llbfront.frontend.results import Converted
    from llbfront.frontend.sbom import Scanner
    from llbfront.oci.platform import Platform


def build(bridge: Bridge) -> Returned:
    """Build what the bridge's options ask for. Raises: LlbfrontError, with the place in the Dockerfile where there is one."""
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
        from llbfront.frontend.subrequests import dispatch

        return dispatch.answer(options.texts["requestid"], dispatch.Request(bridge, options, context, entry, convert_all))
    scanner = find_scanner(bridge, options)
    requested = options.platforms or (None,)
    converted = convert_all(bridge, options, context, entry, requested, Checks(bridge, options, entry))
    return solve_all(bridge, options, requested, converted, scanner)


def solve_all(
    bridge: Bridge, options: Options, requested: Sequence[Platform | None], converted: Sequence[Converted], scanner: Scanner | None
) -> Returned:
    """Solve the graphs of all platforms, and assemble the result to export."""
    graphs = [llb.marshal(result.state, platform=result.platform, caps=bridge.llb_caps) for result in converted]
    refs = bridge.solve(graphs, cache_imports=options.cache_imports)
    built = results.join_results(requested, converted, refs, is_map=options.convert_options.multi_platform)
    if not scanner:
        return built
    from llbfront.frontend.sbom import scanned

    return scanned(bridge, scanner, requested, converted, built)


def convert_all(
    bridge: Bridge, options: Options, context: MainContext, entry: Entry, requested: Sequence[Platform | None], checks: Checks
) -> list[Result]:
    """Convert for each platform, looking up what all of them need together. Only the first platform is checked."""
    with checks:
        dockerfile = parse(entry.source)
        prepared_files = []
        for number, platform in enumerate(requested):
            prepared = prepare_dockerfile(dockerfile, options.convert_options, platform, checks.findings(number), syntax_findings)
            if prepared.unresolved_epoch:
                from llbfront.frontend.source_epoch import resolve_epoch

                prepared = prepared.with_epoch(resolve_epoch(bridge, options, context, entry, prepared.unresolved_epoch))
            prepared_files.append(prepared)
        resolved_plans = _resolve(bridge, options, prepared_files, checks)
        ignore = contexts.read_ignore(bridge, options, context, entry)
        checks.ignore(ignore)
        files = contexts.files_of(bridge, options, context, ignore.patterns)
        return [
            convert(
                resolved_plan,
                source=entry.source,
                context=files,
                epoch=prepared.epoch,
                caps=bridge.llb_caps,
                findings=checks.findings(number),
            )
            for number, (prepared, resolved_plan) in enumerate(zip(prepared_files, resolved_plans, strict=True))
        ]


def _resolve(bridge: Bridge, options: Options, prepared_files: Sequence[PreparedDockerfile], checks: Checks) -> list[ResolvedPlan]:
    """Resolve the plans of all platforms. Each round looks up together what they lack, until they lack nothing."""
    plans = [prepared.plan(checks.findings(number)) for number, prepared in enumerate(prepared_files)]
    resolved: Resolved = {}
    resolved_plans: dict[int, ResolvedPlan] = {}
    while True:
        for number, plan in enumerate(plans):
            if number not in resolved_plans or resolved_plans[number].unresolved:
                resolved_plans[number] = resolve(plan, resolved, checks.findings(number))
        unresolved = dict.fromkeys(item for resolved_plan in resolved_plans.values() for item in resolved_plan.unresolved)
        if not unresolved:
            return list(resolved_plans.values())
        resolved.update(named_contexts.resolve(bridge, options, tuple(unresolved)))


def find_scanner(bridge: Bridge, options: Options) -> Scanner | None:
    """Look up the scanner that the options ask for. Raises: LlbfrontError."""
    if options.sbom is None:
        return None
    from llbfront.frontend import sbom

    return sbom.find_scanner(bridge, options.sbom, options)


def need_file_ops(bridge: Bridge) -> None:
    """Raise UnsupportedCapability for an engine that is too old for any build."""
    try:
        bridge.llb_caps.require("file.base")
    except UnsupportedCapability as error:
        raise error.prefixed("needs BuildKit 0.5 or later") from error
