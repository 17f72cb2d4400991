"""Links from a paper to other sites: where to read it, where it is discussed, where to tell others of it. Pure."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote, urlencode

from adapters.text import printable, web_url
from bot.model import Paper, PaperDetails
from bot.wording import cards, parts


class Link(NamedTuple):
    """A label and a URL that may become a link."""

    label: str
    url: str


def reading_links(paper: Paper, left_out: frozenset[str] = frozenset()) -> tuple[Link, ...]:
    """Links to read a paper; “Abstract”, which a page has itself, is called by its site."""
    labelled = (("arXiv" if label == "Abstract" else label, url) for label, url in cards.labelled_urls(paper))
    safe = ((label, web_url(url)) for label, url in labelled if label not in left_out)
    return tuple(Link(label, url) for label, url in safe if url)


def discussion_links(details: PaperDetails) -> tuple[Link, ...]:
    """Pages where a paper is discussed; of an arXiv paper alone, for they go by its id."""
    paper = details.trend.paper
    if not paper.is_arxiv:
        return ()
    comments = {each.source: int(each.value) for each in details.signals if each.kind == "comments"}
    hugging_face, hacker_news = comments.get("huggingface"), comments.get("hackernews")
    links = []
    if paper.listed_at is not None:
        count = f" ({parts.count(hugging_face, 'comment')})" if hugging_face else ""
        links.append(Link(f"Hugging Face{count}", f"https://huggingface.co/papers/{paper.id}#community"))
    if any(each.source == "hackernews" for each in details.signals):
        count = f" ({parts.count(hacker_news, 'comment')})" if hacker_news else ""
        search = urlencode({"query": f"arxiv.org/abs/{paper.id}", "type": "story"})
        story = next((e.url for e in details.trend.evidence if e.source == "hackernews" and e.url), None)
        links.append(Link(f"Hacker News{count}", story or f"https://hn.algolia.com/?{search}"))
    return (*links, Link("alphaXiv", f"https://www.alphaxiv.org/abs/{paper.id}"))


def share_links(title: str, url: str) -> tuple[Link, ...]:
    """Links that tell others of a page: by mail and on social networks."""
    title = printable(title)
    queries = (
        ("E-mail", "mailto:", {"subject": title, "body": url}),
        ("Bluesky", "https://bsky.app/intent/compose", {"text": f"{title} {url}"}),
        ("LinkedIn", "https://www.linkedin.com/sharing/share-offsite/", {"url": url}),
        ("X", "https://x.com/intent/tweet", {"text": title, "url": url}),
    )
    return tuple(Link(label, f"{target}?{urlencode(query, quote_via=quote)}") for label, target, query in queries)
