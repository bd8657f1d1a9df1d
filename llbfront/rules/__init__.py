"""Rules of your own for the build checks: Python functions that look at a Dockerfile's text, graph and facts.

    from llbfront.rules import Checked, Finding, rule

    @rule("UnpinnedBase", "Base images should be pinned to a digest")
    def unpinned_base(checked: Checked) -> Iterator[Finding]:
        for image in checked.facts.images:
            if not image.is_pinned:
                yield Finding(f"{image.name} may be another image tomorrow", image)

`llbfront check --rules FILE.py` runs those of a file, and those of installed packages are found by their entry points in the group
`llbfront.rules`, each of which names a rule or a module of rules.

Source: none.
"""

from llbfront.rules.definition import Checked, Finding, Place, Rule, rule

__all__ = ["Checked", "Finding", "Place", "Rule", "rule"]


def __dir__() -> list[str]:
    return sorted(__all__)
