"""Sources of papers and signals (how to add one: README.md; declarations: `bot.model.source`).

    http_client.py  HTTP client of all sources: identity, time and size limits, retries, conditional requests
    limiter.py      one request at a time, a minimum interval between two, interactive requests first
    untrusted.py    reads fields of foreign answers: a valid value or "unknown"
    huggingface.py  Daily Papers: upvotes, comments, stars, trending place    (huggingface_parse.py: bytes -> Findings)
    arxiv.py        the announcement feed, then details of new papers         (arxiv_parse.py: bytes -> papers)
    hackernews.py   points and comments of stories that link a paper
    jsonl.py        a file of papers: `paperboy import`, the bundled sample
    connect.py      builds the sources that the settings name

Fetching and parsing are apart: a `parse_*` function is pure, takes bytes, and returns all of the answer or raises
SourceError.
"""
