"""A category or an organisation that no paper has: the page and the API ask what was meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.web.harness import running_site


@pytest.mark.parametrize(
    ("query", "meant"), [("cs.CL", "cat:cs.CL"), ("org:nvida", "org:nvidia"), ("cat:cs.XX", "cat:cs.CL, cat:cs.CV or")]
)
async def test_a_field_that_no_paper_has_is_asked_about(tmp_path: Path, query: str, meant: str):
    async with running_site(tmp_path) as reader:
        assert f"Did you mean {meant}" in (await reader.get(f"/search?q={query}")).text
        assert f"Did you mean {meant}" in (await reader.client.get(f"/api/v1/search?q={query}")).text
        if ":" in query:
            assert f"Did you mean {meant}" in (await reader.get(f"/topics/{query}")).text
