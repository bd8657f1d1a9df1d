"""Bake: many builds described in HCL, JSON, Compose files or codefresh.yml, planned and built together.

`plan` reads a definition into a Plan of typed targets that a script may change; `Plan.build` builds them on one connection.
"""

from __future__ import annotations

from llbfront.bake.entries import Attestation, Cache, Output, Policy, Secret, Ssh
from llbfront.bake.plan import Plan, plan
from llbfront.bake.target import Group, Target
from llbfront.bake.variables import ListedVariable

__all__ = ["Attestation", "Cache", "Group", "ListedVariable", "Output", "Plan", "Policy", "Secret", "Ssh", "Target", "plan"]


def __dir__() -> list[str]:
    return sorted(__all__)
