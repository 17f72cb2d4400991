"""Which way each condition of Jinja templates went while pages were rendered.

branches = Branches()
monkeypatch.setattr(site, "environment", branches.environment)   # before the first template is loaded
…                                                                # render pages
assert branches.never() == []
"""

from __future__ import annotations

from collections import defaultdict
from importlib.resources import files
from typing import Any

from jinja2 import Environment, nodes

from adapters.html_templates import environment


class Branches:
    """Conditions (`{% if %}`, `a if b else c`) and loops, by template and place, and the outcomes that were seen."""

    def __init__(self) -> None:
        self._seen: defaultdict[str, set[bool]] = defaultdict(set)

    def environment(self, package: str, folder: str = "", **options: Any) -> Environment:
        """As `adapters.html_templates.environment`, with every template of the folder loaded and watched."""
        made = environment(package, folder, **options)
        watched = type("Watched", (Environment,), {"_generate": _generate})
        made.__class__ = watched
        made.filters["outcome"] = self._outcome
        own = files(package).joinpath(folder).iterdir()
        for name, source in ((each.name, each.read_text(encoding="utf-8")) for each in own):
            for place in _conditions(made.parse(source, name), name):
                self._seen[place] |= set()
        return made

    def never(self) -> list[str]:
        """Outcomes that were not seen, as `paper.html:12 #3 was never false`, in order."""
        return [
            f"{place} was never {str(outcome).lower()}"
            for place, seen in sorted(self._seen.items())
            for outcome in (True, False)
            if outcome not in seen
        ]

    def _outcome(self, value: Any, place: str) -> Any:
        if place in self._seen:  # not one of a template that packages share
            self._seen[place].add(bool(value))
        return value


def _conditions(template: nodes.Template, name: str) -> list[str]:
    """Put a filter around every condition that tells its outcome. Returns the places."""
    places = []
    for number, node in enumerate(template.find_all((nodes.If, nodes.CondExpr)), start=1):
        place = f"{name}:{node.lineno:03} #{number}"
        node.test = nodes.Filter(node.test, "outcome", [nodes.Const(place)], [], None, None, lineno=node.lineno)
        places.append(place)
    return places


def _generate(self: Environment, source: nodes.Template, name: str | None, filename: str | None, **options: Any) -> str:
    _conditions(source, name or "")
    return Environment._generate(self, source, name, filename, **options)  # type: ignore[no-any-return]
