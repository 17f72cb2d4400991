"""Queries in plain words: the query that they mean, and the texts that mean none."""

from __future__ import annotations

import pytest

from bot.query.parser import canonical
from bot.query.sentences import sentence_meaning


def meaning(text: str) -> str:
    return sentence_meaning(canonical(text), lambda: {"nvidia", "NVIDIA", "Tsinghua University"})


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("papers about video diffusion from last week", "video diffusion since:7d"),
        ("What are the latest papers on AI agents?", "AI agents since:30d"),
        ("new papers on RAG?", "RAG since:30d"),
        ("new papers about agents from last week", "agents since:7d"),
        ("10 papers about agents", "agents"),
        ("latest robotics", "robotics since:30d"),
        ("best papers on reasoning this month", "reasoning since:30d"),
        ("show me papers on drones please", "drones"),
        ("video diffusion, please", "video diffusion"),
        ("cs.CL papers", "cs.CL"),
        ("last week", "since:7d"),
        ("robots last 3 days", "robots since:3d"),
        ("agents since yesterday", "agents since:2d"),
        ("agents today", "agents since:1d"),
        ("agents from 2025", "agents"),
        ("video diffusion 2024", "video diffusion"),
        ("agents by Ada Lovelace", 'agents author:"Ada Lovelace"'),
        ("papers by lovelace", "author:lovelace"),
        ("papers from NVIDIA", "org:NVIDIA"),
        ("agents from tsinghua university", 'agents org:"tsinghua university"'),
        ("papers at NeurIPS", "venue:NeurIPS"),
        ("neurips 2025", 'venue:"neurips 2025"'),
        ("papers with code", "has:code"),
        ("video has code", "video has:code"),
        ("agents > 50 upvotes", "agents min:50"),
        ("video but not diffusion", "video -diffusion"),
        ("robotics without reinforcement learning", 'robotics -"reinforcement learning"'),
        ("video by nvidia from last week with code", "video has:code since:7d org:nvidia"),
        ('papers on "speculative decoding" from last month', '"speculative decoding" since:30d'),
    ],
)
def test_a_sentence_means_the_query_that_it_describes(text: str, query: str):
    assert meaning(text) == query
    assert canonical(query) == query


@pytest.mark.parametrize(
    "text",
    [
        "video diffusion", "video diffusion?", "Song Han", "paper mills", "papers", "more papers like this", "latest",
        "latest advances in robotics", "learning by doing", "learning from human feedback", "Learning by Watching",
        "Reinforcement Learning from Human Feedback", "attention is not explanation", "Language Models Are Not Agents",
        "attention is all you need", "how do transformers work", "not medical", "a | papers on video", "-video agents",
    ],
)  # fmt: skip
def test_a_title_and_plain_words_mean_themselves(text: str):
    assert meaning(text) == ""
