"""One paper whose texts break a step: collecting, ranking, choosing and wording go on with the others, and with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.app.collect import describe
from bot.app.engine import DigestEngine
from bot.delivery.notices import Notices
from bot.model import Channel, Subscription
from bot.summaries import extractive
from bot.text import latex
from bot.wording.digest import digest_thread
from bot.wording.mail_digest import digest_message
from tests.fakes import FakeClock, FakeSource, paper
from tests.harness.store import new_store


def breaking(step: Callable[..., Any]) -> Callable[..., Any]:
    def broken(*texts: Any) -> Any:
        if any("poison" in str(text) for text in texts):
            raise IndexError("a construct nobody thought of")
        return step(*texts)

    return broken


@pytest.mark.parametrize(("module", "step"), [(latex, "_converted"), (extractive, "_parsed")], ids=["LaTeX", "summary"])
async def test_a_digest_has_the_other_papers_and_the_poisoned_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, module: Any, step: str
) -> None:
    monkeypatch.setattr(module, step, breaking(getattr(module, step)))
    source = FakeSource()
    for number in range(1, 5):
        source.notices(paper(number), upvotes=number)
    source.notices(
        paper(9, title=rf"A $\poison$ for {step}", abstract=r"We find a $\poison$. It reaches 9 %."), upvotes=50
    )
    with new_store(tmp_path / "p.db") as store:
        clock = FakeClock()
        engine = DigestEngine(store, (source,), clock, notices=Notices(store, {}, clock, None))
        await engine.collect()
        assert await describe(store) == 0, "it is not tried again and again"
        digest = await engine.preview(Subscription(Channel("console:local"), size=5))
    assert {pick.paper.id for pick in digest.picks} == {paper(n).id for n in (1, 2, 3, 4, 9)}
    assert len(digest_thread(digest).replies) == 5
    assert "poison" in digest_message(digest).text
    messages = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert 1 <= len(messages) <= 3, messages  # title, abstract and its sentence
    assert len(set(messages)) == len(messages)
