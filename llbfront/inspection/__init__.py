r"""Inspect graphs: nodes and their source lines, the files that steps read, stages, differences, pictures.

Example:
    >>> import llbfront
    >>> from llbfront.inspection import compare_graphs
    >>> before = llbfront.convert("FROM alpine\nRUN make\n", platform="linux/amd64")
    >>> after = llbfront.convert("FROM alpine\nRUN make all\n", platform="linux/amd64")
    >>> for difference in compare_graphs(before, after):
    ...     print(difference)
    ~ exec [2/2] RUN make all  Dockerfile:2
        command: make → make all

`buildctl debug dump-llb` of BuildKit prints a part of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llbfront.lazy_names import lazy_names

if TYPE_CHECKING:
    from llbfront.inspection.affected import Cause, rebuild_causes
    from llbfront.inspection.build_steps import BuildStep
    from llbfront.inspection.cache_export import CacheMount, cache_modes, cache_mounts
    from llbfront.inspection.compare import Difference, FieldChange, compare_graphs
    from llbfront.inspection.diff_report import Report
    from llbfront.inspection.facts import Argument, Facts, Finding, Image, Mounted, Stage, StageUse
    from llbfront.inspection.formats import Graph
    from llbfront.inspection.graph import Edge, Node
    from llbfront.inspection.ignored import Decision, IgnoreRules, Rule
    from llbfront.inspection.inputs import ContextInputs, InputFile, Inputs, StepInputs
    from llbfront.inspection.leaks import Leak, find_leaks
    from llbfront.inspection.recorded_build import RecordedBuild
    from llbfront.inspection.runs import NodeRun, match_runs
    from llbfront.inspection.schedule import Schedule
    from llbfront.inspection.stages import StageStatus, required, stage_statuses
    from llbfront.inspection.why import Explanation, StepCause, explain

__all__ = [
    "Argument",
    "BuildStep",
    "CacheMount",
    "Cause",
    "ContextInputs",
    "Decision",
    "Difference",
    "Edge",
    "Explanation",
    "Facts",
    "FieldChange",
    "Finding",
    "Graph",
    "IgnoreRules",
    "Image",
    "InputFile",
    "Inputs",
    "Leak",
    "Mounted",
    "Node",
    "NodeRun",
    "RecordedBuild",
    "Report",
    "Rule",
    "Schedule",
    "Stage",
    "StageStatus",
    "StageUse",
    "StepCause",
    "StepInputs",
    "cache_modes",
    "cache_mounts",
    "compare_graphs",
    "explain",
    "find_leaks",
    "match_runs",
    "rebuild_causes",
    "required",
    "stage_statuses",
]

_NAMES = {
    "llbfront.inspection.affected": ("Cause", "rebuild_causes"),
    "llbfront.inspection.build_steps": ("BuildStep",),
    "llbfront.inspection.cache_export": ("CacheMount", "cache_modes", "cache_mounts"),
    "llbfront.inspection.compare": ("Difference", "FieldChange", "compare_graphs"),
    "llbfront.inspection.diff_report": ("Report",),
    "llbfront.inspection.facts": ("Argument", "Facts", "Finding", "Image", "Mounted", "Stage", "StageUse"),
    "llbfront.inspection.formats": ("Graph",),
    "llbfront.inspection.graph": ("Edge", "Node"),
    "llbfront.inspection.ignored": ("Decision", "IgnoreRules", "Rule"),
    "llbfront.inspection.inputs": ("ContextInputs", "InputFile", "Inputs", "StepInputs"),
    "llbfront.inspection.leaks": ("Leak", "find_leaks"),
    "llbfront.inspection.recorded_build": ("RecordedBuild",),
    "llbfront.inspection.runs": ("NodeRun", "match_runs"),
    "llbfront.inspection.schedule": ("Schedule",),
    "llbfront.inspection.stages": ("StageStatus", "required", "stage_statuses"),
    "llbfront.inspection.why": ("Explanation", "StepCause", "explain"),
}

__getattr__, __dir__ = lazy_names(__name__, {name: module for module, names in _NAMES.items() for name in names})
