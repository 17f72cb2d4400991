"""Roles and user groups of a platform, and rules that admit the people of one."""

from __future__ import annotations

from typing import NamedTuple

MEMBERS, MANAGERS = "members", "managers"
"""Rules that admit everybody in the channel, and those who may change its settings."""


class Group(NamedTuple):
    """A role of a server, or a user group of a workspace."""

    id: str
    name: str
    """Without `@`."""
    members: frozenset[str] | None = None
    """Ids of its people; None where the platform names the groups of each caller instead."""
    pings: bool = True
    """Whether a mention by Paperboy notifies its people."""

    @property
    def rule(self) -> str:
        """The rule that admits its people, as it is stored: its id and the name that it had then."""
        return f"{self.id} {self.name}"


def group_of(rule: str) -> Group | None:
    """The group of a stored rule; None for `members`, `managers` and an empty one."""
    group_id, space, name = rule.partition(" ")
    return Group(group_id, name) if space else None


def rule_text(rule: str) -> str:
    """A rule as people read it: `members`, `managers`, `@ops`."""
    group = group_of(rule)
    return f"@{group.name}" if group else rule
