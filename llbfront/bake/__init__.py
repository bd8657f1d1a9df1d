"""Bake: many builds described in HCL, JSON, Compose files or codefresh.yml, planned and built together.

`plan` reads a definition into a Plan of typed targets that a script may change; `Plan.build` builds them on one connection.
`affected_targets` says which targets have to be built again after files changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llbfront.bake.plan import Plan, plan
from llbfront.bake.target import Group, Target
from llbfront.bake.target_attributes import Attestation, Cache, Output, Policy, Secret, Ssh
from llbfront.bake.variables import ListedVariable
from llbfront.lazy_names import lazy_names

if TYPE_CHECKING:
    from llbfront.bake.affected import affected_targets

__all__ = [
    "Attestation", "Cache", "Group", "ListedVariable", "Output", "Plan", "Policy", "Secret", "Ssh", "Target", "affected_targets", "plan",
]  # fmt: skip

__getattr__, _ = lazy_names(__name__, {"affected_targets": "llbfront.bake.affected"})


def __dir__() -> list[str]:
    return sorted(__all__)
