"""Questions to GitHub about the stars of many repositories, and the answers. Pure.

https://docs.github.com/graphql/reference/objects#repository; a field for each repository, null for one that is gone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.errors import SourceError
from bot.model import Findings
from bot.sources import untrusted

NAME = "github"
REFUSED = frozenset({"RATE_LIMITED", "RATE_LIMIT", "INSUFFICIENT_SCOPES", "FORBIDDEN"})
"""Types of errors that concern the whole question."""

_FLAGS = re.IGNORECASE | re.ASCII
_REPOSITORY = re.compile(r"https?://(?:www\.)?github\.com/([\w.-]{1,100}/[\w.-]{1,100})(?:[/?#]|$)", _FLAGS)


def repository_name(url: str) -> str | None:
    """`owner/name` of a GitHub URL, in lower case, also of pages and branches in the repository."""
    match = _REPOSITORY.match(url)
    return match[1].lower().removesuffix(".git") if match else None


def query(names: Sequence[str]) -> str:
    """A GraphQL query for the stars of repositories by `owner/name`, as fields r0, r1, …"""
    fields = []
    for number, full_name in enumerate(names):
        owner, _, name = full_name.partition("/")
        arguments = f"owner: {json.dumps(owner)}, name: {json.dumps(name)}"
        fields.append(f"r{number}: repository({arguments}) {{ stargazerCount }}")
    return f"query {{ {' '.join(fields)} }}"


def parse_stars(body: bytes, names: Sequence[str], papers: Mapping[str, str], now: datetime) -> Findings:
    """Stars as of `now` of the papers of these repositories. Raises SourceError if the question was refused.

    A repository that is gone or private is no fault: papers link to many.
    """
    answer = untrusted.decoded_json(body, NAME)
    if not isinstance(answer, dict):
        raise SourceError(NAME, f"{untrusted.json_type(answer)} instead of an object")
    data = answer.get("data")
    errors = answer.get("errors")
    faults = [each for each in errors if isinstance(each, dict)] if isinstance(errors, list) else []
    if not isinstance(data, dict) or any(str(each.get("type")) in REFUSED for each in faults):
        reason = untrusted.text_line((faults or [answer])[0].get("message"), 200)
        raise SourceError(NAME, f"it refuses the question: {reason or 'no reason'}")
    stars, skipped = untrusted.readable(
        NAME, enumerate(names), lambda numbered: (numbered[1], _stars(data.get(f"r{numbered[0]}"), numbered[1]))
    )
    signals = [
        signal
        for name, count in stars
        if count is not None
        for signal in untrusted.count_signals(papers[name], NAME, {"github_stars": count}, now)
    ]
    if skipped and not signals:
        raise SourceError(NAME, f"none of its answers can be read: {skipped[0]}")
    return Findings(signals=tuple(signals), skipped=skipped)


def _stars(repository: object, name: str) -> float | None:
    if repository is None:
        return None
    count = untrusted.nonnegative(repository.get("stargazerCount")) if isinstance(repository, dict) else None
    if count is None:
        raise SourceError(NAME, f"repository {name} has no number of stars")
    return count
