"""Effect of 👍 and 👎 on a topic's threshold. Pure.

    latest votes by person and paper ─► one vote a paper, that of the majority ─► liked − disliked ─► steps, bounded

Saves and shares do not count here: they may be for somebody else, and saves are private.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from bot.model import Feedback, Lessons, Subscription, TopicThreshold, TopicVotes, opinion
from bot.query.strictness import is_movable, steps_of, threshold_at
from bot.query.topic_model import MATCHES


def topic_votes(lessons: Lessons) -> dict[str, TopicVotes]:
    """The votes by topic; papers that a manager struck out do not count."""
    reactions: dict[str, list[Feedback]] = defaultdict(list)
    for each in lessons.feedback:
        if each.gesture == "reaction" and each.paper_id not in lessons.papers:
            reactions[each.paper_id].append(each)
    papers: dict[str, list[int]] = defaultdict(list)
    for of_paper in reactions.values():
        majority = opinion(each.value for each in of_paper)
        for topic in {topic for each in of_paper for topic in each.topics}:
            papers[topic].append(majority)
    return {topic: TopicVotes(each.count(1), each.count(-1)) for topic, each in papers.items()}


def with_votes(subscription: Subscription, lessons: Lessons | None) -> Subscription:
    """The subscription with the thresholds that votes have moved, as papers are chosen by; not to be stored."""
    votes = followed_votes(subscription, lessons)
    thresholds = {
        topic: _moved(subscription.thresholds.get(topic), each.steps) for topic, each in votes.items() if each.steps
    }
    return replace(subscription, thresholds={**subscription.thresholds, **thresholds}) if thresholds else subscription


def followed_votes(subscription: Subscription | None, lessons: Lessons | None) -> dict[str, TopicVotes]:
    """The votes on papers of the topics that a channel follows and that can match more or less strictly."""
    if subscription is None or lessons is None or not lessons.feedback:
        return {}
    votes = topic_votes(lessons)
    return {topic: votes[topic] for topic in subscription.topics if topic in votes and is_movable(topic)}


def _moved(own: TopicThreshold | None, steps: float) -> TopicThreshold:
    return TopicThreshold(threshold_at(steps_of(own.value if own else MATCHES) + steps))
