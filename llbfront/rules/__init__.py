"""Write rules for the build checks: Python functions over the text, the graph and the facts of a Dockerfile.

    from collections.abc import Iterator
    from llbfront.rules import Checked, Finding, rule

    @rule("UnpinnedBase", "Base images should be pinned to a digest")
    def unpinned_base(checked: Checked) -> Iterator[Finding]:
        for image in checked.facts.images:
            if not image.is_pinned:
                yield Finding(f"{image.name} may be another image tomorrow", image)

`llbfront check --rules FILE.py` runs the rules of a file. Rules of installed packages are found by entry points in the group `llbfront.rules`, each
of which names a rule or a module of rules.
"""

from llbfront.rules.definition import Checked, Finding, Place, Rule, rule

__all__ = ["Checked", "Finding", "Place", "Rule", "rule"]


def __dir__() -> list[str]:
    return sorted(__all__)
