"""LaTeX of abstracts and titles -> plain Unicode text. Pure.

Not a TeX parser, because abstracts have raw `%` and `$5`, unclosed braces and undefined macros. Every pattern is linear
in the text.
"""

from __future__ import annotations

import logging
import re
import unicodedata
from functools import lru_cache

from bot.text import word_set

log = logging.getLogger(__name__)

_SYMBOLS = dict(
    pair.split("=", 1)
    for pair in word_set(
        """
        alpha=α beta=β gamma=γ delta=δ epsilon=ε varepsilon=ε zeta=ζ eta=η theta=θ vartheta=θ iota=ι kappa=κ
        lambda=λ mu=μ upmu=μ nu=ν xi=ξ pi=π rho=ρ sigma=σ tau=τ upsilon=υ phi=φ varphi=φ chi=χ psi=ψ omega=ω
        Gamma=Γ Delta=Δ Theta=Θ Lambda=Λ Xi=Ξ Pi=Π Sigma=Σ Upsilon=Υ Phi=Φ Psi=Ψ Omega=Ω ell=ℓ times=×
        cdot=· div=÷ pm=± mp=∓ ast=* star=⋆ circ=° deg=° degree=° textdegree=° leq=≤ le=≤ leqslant=≤ geq=≥
        ge=≥ geqslant=≥ ll=≪ gg=≫ neq=≠ ne=≠ approx=≈ sim=~ simeq=≃ textasciitilde=~ equiv=≡ propto=∝
        infty=∞ to=→ rightarrow=→ Rightarrow=⇒ leftarrow=← leftrightarrow=↔ Leftrightarrow=⇔ uparrow=↑
        downarrow=↓ mapsto=↦ in=∈ notin=∉ subset=⊂ subseteq=⊆ cup=∪ cap=∩ forall=∀ exists=∃ partial=∂
        nabla=∇ sum=∑ prod=∏ int=∫ sqrt=√ oplus=⊕ otimes=⊗ perp=⊥ mid=| vert=| Vert=‖ langle=⟨ rangle=⟩
        lfloor=⌊ rfloor=⌋ lceil=⌈ rceil=⌉ ldots=… dots=… cdots=… textellipsis=… textless=< textgreater=>
        lt=< gt=> textendash=– textemdash=— textquoteleft=‘ textquoteright=’ textquotedblleft=“
        textquotedblright=” textbackslash=\\ dagger=† ddagger=‡ checkmark=✓ percent=% textpertenthousand=‱
        ss=ß ae=æ AE=Æ oe=œ OE=Œ o=ø O=Ø l=ł L=Ł aa=å AA=Å i=i j=j LaTeX=LaTeX TeX=TeX eg=e.g. ie=i.e.
        etc=etc. textregistered=® circledR=® texttrademark=™ copyright=© pounds=£ euro=€ S=§
        """
    )
)
_SILENT = word_set(
    """
    textbf textit textsl textsc textsf texttt textrm textmd textup textnormal text emph underline uline mathbf
    mathit mathrm mathsf mathtt mathcal mathbb mathfrak mathscr boldsymbol bm bf it em rm sf tt sc cal bfseries
    itshape scshape ttfamily operatorname mbox hbox enquote textsuperscript textsubscript url path nolinkurl
    xspace left right big Big bigl bigr Bigl Bigr displaystyle textstyle scriptstyle limits noindent allowbreak
    hspace vspace protect ensuremath hat bar tilde widetilde widehat overline vec dot quad qquad newline
    linebreak par item centering small footnotesize normalsize large
    """
)
_FUNCTIONS = word_set("log ln exp min max sin cos tan arg argmin argmax lim sup inf det tr dim ker gcd Pr")
_ACCENTS = {
    "'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304", ".": "\u0307",
    "u": "\u0306", "v": "\u030c", "H": "\u030b", "c": "\u0327", "k": "\u0328", "r": "\u030a",
}  # fmt: skip

# A dollar before a number and a word ("$5 per hour"), or a pair around text before the next price, is money.
_MATH = re.compile(
    r"\$\$?(?:(?=\d)(?!\d[\d,.]*[KMBkmb]?[ -]?[A-Za-z]{2,})([^$]{1,300})\$\$?(?!\d)|(?!\d)([^$]{1,300})\$\$?)"
)
_ACCENT = re.compile(r"""\\(?:(['`^"~=.])\s?|([uvHckr])(?=\s|\{)\s?)(?:\{\\?([A-Za-z])\}|\\?([A-Za-z]))""")
_DROPPED_NAME = re.compile(r"\\(?:[cC]ite|ref|eqref|label|footnote|thanks|vspace|hspace|begin|end)")
_DROPPED = re.compile(
    r"[ ~]?\\(?:[cC]ite[a-zA-Z]*\*?|ref|eqref|label|footnote|footnotemark|thanks|vspace|hspace|begin|end)"
    r"(?: ?\[[^\[\]{}]*\])?(?: ?\{[^{}]*\})"
)
_COLOR = re.compile(r"\\(?:textcolor|color) ?\{[^{}]*\}")
_LINK = re.compile(r"\\(?:href|hyperlink|hyperref) ?(?:\{([^{}]*)\}|\[[^\[\]{}]*\]) ?\{([^{}]*)\}")
_FRACTION = re.compile(r"\\[dt]?frac ?\{([^{}]*)\} ?\{([^{}]*)\}")
_CODE_POINT = re.compile(r"\\unicode ?\{x([0-9a-fA-F]{2,5})\}")
_SCRIPT = re.compile(r"([\^_]) ?\{([^{}]*)\}")
_COMMAND = re.compile(r"\\([A-Za-z]+)\*?( ?)")
_THOUSANDS = re.compile(r"(?<=\d)(?:\\,|\{,\})(?=\d{3})")
_ESCAPED = re.compile(r"\\([%$&#_{}])")
_SPACING = re.compile(r"\\(?:[,;:! ]|\\)")
_TIE = re.compile(r"(?<=[^\s(\[~])~(?=\S)|(?<=\()~(?=[A-Za-z])")
# Braces around one character or an exponent vanish; around more they turn to brackets, so that x^(n+1) stays itself.
_PLAIN_SCRIPT = re.compile(r"\\?[A-Za-z]+|[+-]?[\d.,]+|.?")
MARKS = ("\\", "$", "{", "~", "--", "``")
"""What a text with LaTeX has."""
_KEPT = {mark: chr(0xE000 + i) for i, mark in enumerate("%$&#_{}")}
"""Characters that stand for escaped marks until the end."""


def latex_to_text(text: str) -> str:
    """Text without LaTeX; text without any is returned as it is. Lines must have been joined before.

    Never raises: one title with a construct that it cannot convert must not fail a ranking or a digest.
    """
    if not any(mark in text for mark in MARKS):
        return text
    try:
        return _converted(text)
    except Exception as error:  # noqa: BLE001 - logged
        _log_once(text[:100], type(error).__name__)
        return text


@lru_cache(maxsize=1000)
def _log_once(start: str, error: str) -> None:
    log.error("LaTeX cannot be converted text=%r error=%s", start, error)


def _converted(text: str) -> str:
    # Looking for a mark takes a hundredth of the time of a pattern that has none at its beginning.
    if "\\" in text or "{" in text:
        text = _THOUSANDS.sub(",", text) if "\\," in text or "{,}" in text else text
    if "\\" in text:
        text = _ESCAPED.sub(lambda m: _KEPT[m[1]], text)
        text = text.replace(r"\(", "").replace(r"\)", "").replace(r"\[", "").replace(r"\]", "").replace(r"\-", "")
    if "$" in text:
        text = _MATH.sub(lambda m: m[1] or m[2], text)
    if "\\" in text:
        text = _without_commands(text)
    elif "{" in text:
        text = _SCRIPT.sub(_script, text)
    if "~" in text:
        text = _TIE.sub(" ", text)
    if "--" in text:
        text = text.replace("---", "—").replace("--", "–")
    if "`" in text and "``" in text:
        text = text.replace("``", "“").replace("''", "”")
    text = text.replace("{", "").replace("}", "").replace("\\", "")
    return text if text.isascii() else _restored(text)


def _restored(text: str) -> str:
    for mark, stand_in in _KEPT.items():
        text = text.replace(stand_in, mark)
    return text


def _without_commands(text: str) -> str:
    text = _ACCENT.sub(lambda m: unicodedata.normalize("NFC", (m[3] or m[4]) + _ACCENTS[m[1] or m[2]]), text)
    if _DROPPED_NAME.search(text):
        text = _DROPPED.sub("", text)
    text = _COLOR.sub("", text)
    text = _LINK.sub(lambda m: m[1] if m[1] and m[2].lower() in ("here", "link", "this https url") else m[2], text)
    text = _CODE_POINT.sub(lambda m: _code_point(int(m[1], 16)), text)
    text = _SCRIPT.sub(_script, _FRACTION.sub(r"\1/\2", text))
    return _SPACING.sub(" ", _COMMAND.sub(_command_text, text))


def _code_point(number: int) -> str:
    readable = number <= 0x10FFFF and unicodedata.category(chr(number))[0] not in "CZ"
    return chr(number) if readable else " "


def _script(match: re.Match[str]) -> str:
    mark, inner = match[1], match[2].strip()
    if inner in (r"\circ", "°"):
        return "°"
    return f"{mark}{inner}" if _PLAIN_SCRIPT.fullmatch(inner) else f"{mark}({inner})"


def _command_text(match: re.Match[str]) -> str:
    name, space = match[1], match[2]
    start, end = match.span()
    before, after = match.string[max(start - 1, 0) : start], match.string[end : end + 2]
    if name in _SYMBOLS:
        return _SYMBOLS[name] + space
    if name in _SILENT or (after[:1] == "{" and after != "{}" and name not in _FUNCTIONS):
        # A switch such as \\em swallows the space after it, as in TeX; \\xspace after a word must not.
        return " " if space and before.isalnum() else ""
    return f"{' ' if before.isalnum() else ''}{name}{space or (' ' if after[:1] == '{' and after != '{}' else '')}"
