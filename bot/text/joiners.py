"""Zero-width joiners (U+200C, U+200D): kept where a script or an emoji needs them, dropped elsewhere. Pure."""

from __future__ import annotations

import regex

# Arabic and its neighbours, the Indic scripts, Tibetan, Myanmar, Khmer, Mongolian, Arabic presentation forms: in these
# a joiner after a letter changes the shape of the word (https://www.unicode.org/faq/indic.html).
_SHAPED = "\u0600-\u0dff\u0f00-\u109f\u1780-\u18af\ufb50-\ufdff\ufe70-\ufefc"
_LOOSE = regex.compile(
    rf"(?<![{_SHAPED}])\u200c"
    rf"|(?<![{_SHAPED}]|\p{{Extended_Pictographic}}\ufe0f?\p{{Emoji_Modifier}}?)\u200d"
    rf"|(?<=\p{{Extended_Pictographic}}\ufe0f?\p{{Emoji_Modifier}}?)\u200d(?!\p{{Extended_Pictographic}})"
)


def without_loose_joiners(text: str) -> str:
    """The text without joiners that join nothing: of several in a row the first may stay."""
    if "\u200c" not in text and "\u200d" not in text:
        return text
    return _LOOSE.sub("", text)
