"""Models, datasets and Spaces that name a paper: the shape of `/api/arxiv/{id}/repos`, with invented names."""

from __future__ import annotations

import json

import pytest

from bot.errors import SourceError
from bot.model import LinkedRepository
from bot.sources.http_client import HttpClient
from bot.sources.huggingface import HuggingFace
from bot.sources.huggingface_repositories import parse_repositories
from tests.fakes.http_server import Loopback, json_answer

ANSWER = {
    "models": [
        {"id": "lab/small", "author": "lab", "likes": 3, "tags": ["arxiv:2510.15870"], "private": False},
        {"id": "lab/large", "likes": 1_234, "pipeline_tag": "text-generation"},
        {"likes": 9}, {"id": "../evil"}, {"id": "a/b/c"}, {"id": "x" * 500}, None, 7, "older/form",
    ],
    "datasets": [{"id": "lab/data", "likes": -1}],
    "spaces": [{"id": "someone/demo", "likes": 5, "sdk": "gradio"}],
    "numTotalModels": 9,
}  # fmt: skip


def test_the_most_liked_of_each_kind_are_read_and_what_is_no_name_is_left_out():
    assert parse_repositories(json.dumps(ANSWER).encode()) == (
        LinkedRepository("model", "lab/large", "https://huggingface.co/lab/large", 1_234),
        LinkedRepository("model", "lab/small", "https://huggingface.co/lab/small", 3),
        LinkedRepository("model", "older/form", "https://huggingface.co/older/form", 0),
        LinkedRepository("dataset", "lab/data", "https://huggingface.co/datasets/lab/data", 0),
        LinkedRepository("demo", "someone/demo", "https://huggingface.co/spaces/someone/demo", 5),
    )


def test_of_thousands_five_are_kept():
    models = [{"id": f"lab/m{n}", "likes": n} for n in range(3_000)]
    names = [each.name for each in parse_repositories(json.dumps({"models": models}).encode())]
    assert names == [f"lab/m{n}" for n in range(1_999, 1_994, -1)]


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b'{"models": [', b"null", b'"text"'])
def test_another_answer_is_a_fault_of_the_source(body: bytes):
    with pytest.raises(SourceError):
        parse_repositories(body)


@pytest.mark.parametrize("body", [b"{}", b'{"models": null, "datasets": 3, "spaces": {"id": "a/b"}}'])
def test_without_lists_there_is_nothing(body: bytes):
    assert parse_repositories(body) == ()


async def test_the_hub_is_asked_about_an_arxiv_paper_that_it_may_not_know(server: Loopback, http: HttpClient):
    server.on("/api/arxiv/2510.15870/repos", json_answer(ANSWER))
    server.on("/api/arxiv/2401.00001/repos", json_answer({"error": "not found"}, 404))
    source = HuggingFace(http, server.url)
    assert len(await source.repositories("2510.15870")) == 5
    assert await source.repositories("2401.00001") == ()
    assert await source.repositories("10.1101/2025.10.01") == ()
