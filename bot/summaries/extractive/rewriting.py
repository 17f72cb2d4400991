"""A sentence of an abstract as it is shown: without a lead-in, `X is a …` for `we propose X, a …`. Pure.

No word is added but `is` and `are`; abbreviations are spelt out with the abstract's own words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from bot.summaries.extractive import phrases
from bot.text.analyzer import STOP_WORDS, stems

SUMMARY_MAX = 320
"""Characters of a summary, at most."""
_KEPT_MIN = 80
"""Characters that are left of a sentence that is cut, at least."""
_SENTENCE_MAX = 1_200
"""Characters of a sentence that is rewritten."""
_DETERMINER = re.compile(r" (?:these|such|those) ")
_LIST_BEGUN = re.compile(r": \(?(?:1|i)\) (?=We [a-z])")
_LIST_GOES_ON = re.compile(r"\(?(?:2|ii)\)")
_MIDDLE_WE = re.compile(r"\bwe (?:also|further|then|additionally|furthermore) ")
_ALSO = re.compile(r"^((?:[^\s,;]+ ){1,5}?)(?:also|further|additionally) (?=[a-z])")
_DEFINITION = re.compile(r"\(([A-Z][A-Za-z0-9α-ω&+-]{1,11})\)")
_BRACKETS = re.compile(r" \(([^()]{12,120})\)")
_ANY_BRACKETS = re.compile(r" \([^()]*\)")
_FEW = 2
"""Stems of brackets that may be an abbreviation."""
_WORDS_OF_NAME = re.compile(r"[^\s(),;:]+")


def shown_sentence(sentence: str) -> str:
    """The sentence without a lead-in, references and praise, as a statement about what it announces."""
    sentence = phrases.LABEL.sub("", phrases.ENUMERATED.sub("", sentence))
    if len(sentence) > _SENTENCE_MAX:
        return _capital(sentence)
    begun = _LIST_BEGUN.search(sentence)
    sentence = sentence[begun.end() :] if begun and not _LIST_GOES_ON.search(sentence) else sentence
    sentence = phrases.REFERENCE.sub("", without_lead(phrases.THESE_RESULTS.sub("", sentence)))
    sentence = phrases.ADDRESSES.sub(".", _without_praise(sentence.replace("**", "")))
    return fitted(_statement(phrases.POINTING.sub("", sentence) if _DETERMINER.search(sentence) else sentence))


def without_lead(sentence: str) -> str:
    """Sentence without its connective to the previous one: `To this end, we also …` becomes `We …`."""
    for pattern in (phrases.ADVERB, phrases.LEAD, phrases.ADVERB, phrases.LEAD, phrases.LEAD, phrases.BACKGROUND_LEAD):
        lead = pattern.match(sentence)
        if lead and not phrases.FIGURE.search(lead[0]):
            sentence = _capital(sentence[lead.end() :])
    sentence = _MIDDLE_WE.sub("we ", phrases.AFTER_SUBJECT.sub(r"\1 ", sentence))
    return _capital(_ALSO.sub(r"\1", sentence))


def _without_praise(sentence: str) -> str:
    praise = phrases.PRAISE.search(sentence)
    if not praise or phrases.GUARD.search(praise[0]) or phrases.SUBORDINATE.match(sentence):
        return sentence
    rest = sentence[: praise.start()]
    return f"{rest}." if len(rest) > len(sentence) / 2 else sentence


def fitted(sentence: str, longest: int = SUMMARY_MAX) -> str:
    """A long sentence without last clauses (no condition, no part of a list, no figure), if it then fits."""
    if len(sentence) <= longest:
        return sentence
    listed = phrases.LISTED.search(sentence)
    if listed and longest == SUMMARY_MAX and _KEPT_MIN <= listed.start() < longest:
        return phrases.FOLLOWING.sub(".", f"{sentence[: listed.start()]}.")
    if listed or phrases.SUBORDINATE.match(sentence) or _LIST_GOES_ON.search(sentence):
        return sentence
    for clause in reversed([*phrases.LAST_CLAUSE.finditer(sentence, _KEPT_MIN, longest)]):
        kept, rest = sentence[: clause.start()], sentence[clause.start() :]
        if phrases.ADDED.match(rest) and kept.count("(") == kept.count(")"):
            return f"{kept}."
        if (
            kept.count("(") == kept.count(")")
            and not phrases.GUARD.search(rest)
            and not phrases.FIGURE.search(rest)
            and not phrases.LISTS.search(rest)
        ):
            return f"{kept}."
    return sentence


def _statement(sentence: str) -> str:
    """`X is a …` of `We propose X, a …`, and what was shown of `Experiments show that …`."""
    introduced = phrases.BY_INTRODUCING.sub("We introduce ", sentence)
    announced = phrases.ANNOUNCED.match(introduced)
    one = announced and " and " not in announced["name"].partition(" (")[0]
    if announced and one and not phrases.COORDINATED.search(introduced, announced.start("name")):
        name = announced["name"].rstrip()
        bare = name.partition(" (")[0]
        verb = "are" if phrases.PLURAL.search(bare) else "is"
        return _capital(f"{name} {verb} {introduced[announced.end() :]}")
    evidence = phrases.THAT.match(sentence)
    if evidence and not phrases.COORDINATED.search(sentence, evidence.end()):
        return _capital(sentence[evidence.end() :])
    return sentence


def abbreviations(abstract: str) -> dict[str, str]:
    """Long forms of an abstract's abbreviations: `ROSI` of `Rank-One Safety Injection (ROSI)`."""
    long_forms: dict[str, str] = {}
    for match in _DEFINITION.finditer(abstract):
        short = match[1]
        before = [*_WORDS_OF_NAME.finditer(abstract, max(0, match.start() - 120), match.start())]
        if long_form := _long_form(short, [word[0] for word in before]):
            long_forms.setdefault(short.removesuffix("s"), _as_written_inside(long_form, abstract))
    return long_forms


def _as_written_inside(long_form: str, abstract: str) -> str:
    """`large language models` of `Large language models`, if the abstract has its first word in lower case too."""
    first, _, rest = long_form.partition(" ")
    inside = first.istitle() and rest.islower() and re.search(rf"\b{re.escape(first.lower())}\b", abstract)
    return first.lower() + long_form[len(first) :] if inside else long_form


def _long_form(short: str, before: list[str]) -> str:
    """The fewest words before the brackets that have the abbreviation's letters in order, most of them as initials."""
    letters = [letter.lower() for letter in short.removesuffix("s") if letter.isalnum()]
    names = [before[-count:] for count in range(1, min(len(before), len(letters) + 2) + 1)]
    fit = [name for name in names if name[0][:1].lower() == letters[0] and name[0].lower() not in STOP_WORDS]
    for inside in (False, True):
        spelling = [name for name in fit if _spells(letters, _parts(name), inside=inside)]
        if spelling:
            counts = [_initials(letters, _parts(name)) for name in spelling]
            return " ".join(spelling[counts.index(max(counts))])
    return ""


def _parts(name: Sequence[str]) -> list[str]:
    return [part for word in name for part in word.split("-")]


def _initials(letters: list[str], words: Sequence[str]) -> int:
    """Number of the letters that begin a word, in order."""
    at = count = 0
    for word in words:
        if word[:1].lower() in letters[at:]:
            at, count = letters.index(word[:1].lower(), at) + 1, count + 1
    return count


def _spells(letters: list[str], words: list[str], *, inside: bool) -> bool:
    """Whether the words' first letters are these, some words passed over; `inside`: a word may give more of them."""
    at = 0
    for word in words:
        low = word.lower()
        if at < len(letters) and low[:1] == letters[at]:
            at += 1
            place = 1
            while inside and at < len(letters) and (place := low.find(letters[at], place) + 1):
                at += 1
    return at == len(letters)


def without_repeats(text: str, title_words: frozenset[str]) -> str:
    """The text without brackets in which the title stands again."""
    return _BRACKETS.sub(lambda match: "" if _repeats(match[1], title_words) else match[0], text)


def without_brackets(text: str) -> str:
    """The text without what stands in brackets."""
    return _ANY_BRACKETS.sub("", text)


def _repeats(text: str, title_words: frozenset[str]) -> bool:
    inner = frozenset(stems(text))
    return len(inner) > _FEW and inner <= title_words


def spelt_out(text: str, long_forms: Mapping[str, str], title: str) -> str:
    """The text with the first mention of each abbreviation spelt out, unless the title has it or it gets too long."""
    for short, long_form in long_forms.items():
        place = re.search(rf"(?<![\w(-]){re.escape(short)}(?P<plural>s?)(?![\w)-]|['’]s| ?\(|/)", text)
        if not place or re.search(rf"(?<!\w){re.escape(short)}s?(?!\w)", title) or long_form.lower() in text.lower():
            continue
        if bool(place["plural"]) != long_form.endswith("s") or f"-{short}" in text or f"({short}" in text:
            continue
        before = text[: place.start()]
        before = re.sub(r"\b([Aa])n $", r"\1 ", before) if long_form[0] not in "aeiouAEIOU" else before
        spelt = f"{before}{long_form} ({place[0]}){text[place.end() :]}"
        text = _capital(spelt) if len(spelt) <= SUMMARY_MAX else text
    return text


def _capital(text: str) -> str:
    first = text.split(" ", 1)[0]
    return text if any(letter.isupper() or letter.isdigit() for letter in first) else text[:1].upper() + text[1:]
