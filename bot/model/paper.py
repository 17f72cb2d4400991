"""Papers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

HUGGING_FACE = "Hugging Face"
"""`Paper.tldr_by` of a summary that came with Hugging Face's list, in place of a model's name."""


def is_doi(paper_id: str) -> bool:
    """Whether a paper's id is a DOI; any other is arXiv's."""
    return paper_id.startswith("10.") and "/" in paper_id


@dataclass(frozen=True, slots=True)
class Paper:
    """One work under one id whatever the source or version: arXiv id without version, else DOI.

    None and empty mean "not known", never "none": a missing repository is unknown.
    """

    id: str
    title: str
    abstract: str = ""
    authors: tuple[str, ...] = ()
    more_authors: int = 0
    """Authors beyond those in `authors`, which is bounded."""
    published_at: datetime | None = None
    """First version's submission."""
    listed_at: datetime | None = None
    """When a curated list (Hugging Face Daily Papers) took it up."""
    first_seen: datetime | None = None
    """When Paperboy first stored it."""
    categories: tuple[str, ...] = ()
    """arXiv categories, the primary one first."""
    organization: str | None = None
    """Its full name, or its account's where the source has no other."""
    organization_handle: str | None = None
    """Its account on Hugging Face (`antgroup`)."""
    code_url: str | None = None
    project_url: str | None = None
    comment: str | None = None
    journal_ref: str | None = None
    doi: str | None = None
    version: int | None = None
    withdrawn: bool = False
    tldr: str = ""
    """What stands under the title: taken from the abstract, or written by a model and checked against it."""
    tldr_by: str = ""
    """The model that wrote it, or HUGGING_FACE; empty if it was taken from the abstract."""

    @property
    def is_arxiv(self) -> bool:
        """Whether the id is an arXiv id (the other kind is a DOI, which starts with `10.` and has a slash)."""
        return not is_doi(self.id)

    @property
    def on_hugging_face(self) -> bool:
        """Whether it has a page on Hugging Face, with a picture."""
        return self.is_arxiv and self.listed_at is not None

    @property
    def in_authors_words(self) -> Paper:
        """The paper without a summary that somebody else wrote."""
        return replace(self, tldr="", tldr_by="") if self.tldr_by else self

    @property
    def url(self) -> str:
        """The page a title links to: the arXiv abstract, else the DOI."""
        return f"https://arxiv.org/abs/{self.id}" if self.is_arxiv else f"https://doi.org/{self.id}"

    @property
    def organization_url(self) -> str | None:
        """The organisation's page on Hugging Face."""
        return f"https://huggingface.co/{self.organization_handle}" if self.organization_handle else None

    @property
    def age_at(self) -> datetime | None:
        """Start of the paper's age: when listed, else first seen, else published."""
        return self.listed_at or self.first_seen or self.published_at


class Revision(NamedTuple):
    """A former value of one field of a paper."""

    paper_id: str
    field: str
    """`title`, `abstract`, `comment`, `journal_ref`, `code_url`, `version` or `withdrawn`."""
    before: str
    """The text; empty where a source had read the paper and there was none. Of `withdrawn`, empty: it was not."""
    changed_at: datetime
    """When Paperboy saw the change."""
    source: str
    """Source of the new value; where another one brought the old text, the paper itself may be as it was."""
    source_before: str | None
    """Source of the old text; None where it is not known: of all but title and abstract."""
