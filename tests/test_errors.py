"""What a failure means where it was not the post itself that failed."""

from __future__ import annotations

import pytest

from bot.errors import CannotTell, DeliveryError, Failure


@pytest.mark.parametrize("kind", Failure)
def test_what_failed_before_the_post_leaves_no_doubt(kind: Failure):
    meant = DeliveryError(kind, "why", retry_after=7).as_not_sent()
    assert meant.kind is (Failure.LATER if kind is Failure.UNKNOWN else kind)
    assert (meant.reason, meant.retry_after) == ("why", 7)


@pytest.mark.parametrize("kind", Failure)
def test_a_look_that_failed_is_tried_again_or_cannot_tell(kind: Failure):
    meant = DeliveryError(kind, "why", retry_after=7).as_failed_search()
    assert isinstance(meant, CannotTell) is (kind not in {Failure.LATER, Failure.UNKNOWN})
    assert isinstance(meant, CannotTell) or (meant.kind, meant.retry_after) == (Failure.LATER, 7)
    assert meant.reason == "why"
