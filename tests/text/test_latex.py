"""LaTeX of titles and abstracts -> text: each pattern runs only where its mark is, and that changes nothing."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from bot.text import latex, word_set
from bot.text.analyzer import without_markup

_PARTS = word_set(
    r"""
    \ $ { } ~ -- --- `` '' \, {,} 1 2 000 ^ _ a B é < ( [ . , word K \( \) \[ \] \- \% \$ \{ \alpha \cite{a}
    ~\citep*[x]{b} \ref{x} \frac{a}{b} \textcolor{red} \href{u}{here} \unicode{x7b} \unicode{x24} \unicode{x7e}
    \textbackslash \'e \"{o} \circ \footnotemark \begin{x} \end \sim \tilde
    """
)
_PIECES = st.sampled_from([*sorted(_PARTS), " ", "5 per ", r"\vspace {1}", r"\ ", "\ue000", "\ue003"])
_TEXTS = st.lists(_PIECES, max_size=12).map(lambda parts: " ".join("".join(parts).split()))


def _by_every_pattern(text: str) -> str:
    text = latex._ESCAPED.sub(lambda m: latex._KEPT[m[1]], latex._THOUSANDS.sub(",", text))
    for mark in (r"\(", r"\)", r"\[", r"\]", r"\-"):
        text = text.replace(mark, "")
    text = latex._MATH.sub(lambda m: m[1] or m[2], text)
    accent = latex._ACCENTS
    text = latex._ACCENT.sub(lambda m: unicodedata.normalize("NFC", (m[3] or m[4]) + accent[m[1] or m[2]]), text)
    text = latex._COLOR.sub("", latex._DROPPED.sub("", text))
    text = latex._LINK.sub(lambda m: m[1] if m[1] and m[2].lower() == "here" else m[2], text)
    text = latex._CODE_POINT.sub(lambda m: latex._code_point(int(m[1], 16)), text)
    text = latex._SCRIPT.sub(latex._script, latex._FRACTION.sub(r"\1/\2", text))
    text = latex._SPACING.sub(" ", latex._COMMAND.sub(latex._command_text, text))
    text = latex._TIE.sub(" ", text).replace("---", "—").replace("--", "–")
    if "``" in text:
        text = text.replace("``", "“").replace("''", "”")
    return (
        text.replace("{", "")
        .replace("}", "")
        .replace("\\", "")
        .translate({ord(stand_in): mark for mark, stand_in in latex._KEPT.items()})
    )


@given(_TEXTS)
def test_a_text_is_what_all_patterns_in_their_order_make_of_it(text: str) -> None:
    if any(mark in text for mark in latex.MARKS):
        assert latex.latex_to_text(text) == _by_every_pattern(text)
    else:
        assert latex.latex_to_text(text) == text


@given(st.text("$\\a \n\t\xa0\u200b-") | _TEXTS)
def test_lines_are_joined_before_a_text_is_converted(text: str) -> None:
    if "$" in text or "\\" in text:
        assert without_markup(text) == latex.latex_to_text(" ".join(text.split()))
