"""Keys of posts and of their messages."""

from __future__ import annotations

from datetime import date

import pytest

from bot.model import Channel, PostKey, delivery_key, digest_key

HERE, DAY = Channel("slack:T1/C1"), date(2026, 11, 27)


@pytest.mark.parametrize(
    ("slot", "key"),
    [(0, "pbcd3d7baf188174c712fcd2b"), (1, "pb029304e2e7d5fd60a2cd619"), (1_000, "pbaf42658d7d3d6863d3f92a6")],
    ids=["opener", "reply", "compact"],
)
def test_keys_of_the_main_digests_messages_are_those_of_version_0_7(slot: int, key: str) -> None:
    """Messages posted before the upgrade are searched for by these."""
    assert digest_key(HERE, DAY).message_key(slot) == key == delivery_key(HERE, DAY, slot)


def test_posts_that_differ_have_messages_that_differ() -> None:
    posts = [
        digest_key(HERE, DAY),
        digest_key(HERE, DAY, "evening"),
        digest_key(HERE, DAY, "digest"),
        digest_key(HERE, DAY, "main evening"),
        digest_key(HERE, DAY, "evening main"),
        PostKey(HERE, "watch", DAY.isoformat()),
        PostKey(HERE, "watch", f"main {DAY.isoformat()}"),
        PostKey(HERE, "evening", DAY.isoformat()),
    ]
    assert len({post.message_key(0) for post in posts}) == len(posts)
