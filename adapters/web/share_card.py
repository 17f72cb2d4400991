"""The picture that chats and networks show beside a link to a paper: its category, title, authors and evidence.

A PNG, since most of them take no SVG; 1200 × 630 pixels, as https://developers.facebook.com/docs/sharing/webmasters/images
asks for. Drawn in the DejaVu typeface where the machine has it, else in the one that Pillow brings.
"""

from __future__ import annotations

from functools import cache, lru_cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from adapters.text import printable, truncate
from adapters.web.category_color import color_of
from bot.model import Trend
from bot.wording import evidence, parts, summaries

SIZE = (1200, 630)
EDGE, BAND = 80, 28
"""Pixels: the margin, and the stripe of the category's colour at the left."""
PAGE, INK, SOFT, ACCENT = "#fbfaf7", "#1f1d1a", "#5f5a52", "#b5432a"
TITLE_SIZES = (60, 52, 46, 40)
"""Pixels; the largest of these in which the title fits into TITLE_HEIGHT."""
TITLE_HEIGHT = 300
LEADING = 1.25
"""From one line to the next, as a multiple of the size."""
TYPEFACE = "DejaVuSans"
TEXT = 30
"""Pixels of all other text."""
COLORS = 64
"""Of the palette: letters and one stripe need no more, and the file is a quarter of the size."""
NOT_A_CHARACTER = "\uffff"


def share_card(trend: Trend) -> bytes:
    """The picture of a paper as a PNG file."""
    paper = trend.paper
    image = Image.new("RGB", SIZE, PAGE)
    draw = ImageDraw.Draw(image)
    category = paper.categories[0] if paper.categories else ""
    color = color_of(category)
    draw.rectangle((0, 0, BAND, SIZE[1]), fill=color)
    left, top, width, bottom = BAND + EDGE, EDGE - 20, SIZE[0] - BAND - 2 * EDGE, SIZE[1] - EDGE - 20
    day = parts.day_text(paper.age_at.date(), None) if paper.age_at else ""
    label = " · ".join(filter(None, (category, day)))
    draw.text((left, top), _line(label, TEXT, width, bold=True), color, _font(TEXT, bold=True))
    size, lines = _title(truncate(printable(parts.title_of(paper)), 400), width)
    top = _draw_lines(draw, (left, top + 62), lines, INK, size, bold=True)
    byline = _line(printable(parts.byline(paper)), TEXT, width)
    top = _draw_lines(draw, (left, top + 8), [byline], SOFT, TEXT) + 12
    space = int((bottom - 24 - top) / (TEXT * LEADING))
    summary = truncate(printable(summaries.authors_summary(paper)), 600)
    _draw_lines(draw, (left, top), _shortened(summary, TEXT, width, space), INK, TEXT)
    signals = printable(evidence.short_evidence(trend.evidence, paper)) if trend.evidence else ""
    draw.text((left, bottom), _line(signals, TEXT, width - 230, bold=True), INK, _font(TEXT, bold=True))
    draw.text((SIZE[0] - EDGE, bottom), "Paperboy", ACCENT, _font(TEXT, bold=True), anchor="ra")
    file = BytesIO()
    image.quantize(COLORS).save(file, "PNG", optimize=True)
    return file.getvalue()


def _draw_lines(  # noqa: PLR0913 - a text is these facts
    draw: ImageDraw.ImageDraw, at: tuple[int, int], lines: list[str], ink: str, size: int, *, bold: bool = False
) -> int:
    """Draw lines below each other; returns where the next one would begin."""
    left, top = at
    for line in lines:
        draw.text((left, top), line, ink, _font(size, bold=bold))
        top += round(size * LEADING)
    return top


def _title(text: str, width: int) -> tuple[int, list[str]]:
    """The size in which a title fits, and its lines; one that fits in none ends with an ellipsis."""
    for size in TITLE_SIZES:
        lines = _wrapped(text, size, width, bold=True)
        if len(lines) * size * LEADING <= TITLE_HEIGHT:
            return size, lines
    return size, _shortened(text, size, width, int(TITLE_HEIGHT / (size * LEADING)), bold=True)


def _shortened(text: str, size: int, width: int, most: int, *, bold: bool = False) -> list[str]:
    """The lines of a text, at most so many; the last one ends with an ellipsis where that is not all."""
    lines = _wrapped(text, size, width, bold=bold)
    if len(lines) <= most:
        return lines
    return [*lines[: most - 1], _line(" ".join(lines[most - 1 :]), size, width, bold=bold)] if most > 0 else []


def _wrapped(text: str, size: int, width: int, *, bold: bool) -> list[str]:
    lines: list[str] = []
    for word in _drawable(text, bold=bold).split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and _font(size, bold=bold).getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(_line(word, size, width, bold=bold))
    return lines


def _line(text: str, size: int, width: int, *, bold: bool = False) -> str:
    """The beginning of a text that fits in one line."""
    text, font = _drawable(text, bold=bold), _font(size, bold=bold)
    while text and font.getlength(text) > width:
        text = truncate(text, max(int(len(text) * 0.95) - 1, 1))
    return text


def _drawable(text: str, *, bold: bool) -> str:
    """The text without characters that the typeface lacks, which would be boxes."""
    return "".join(character for character in text if character == "…" or _has_glyph(character, bold=bold))


@lru_cache(maxsize=4_096)
def _has_glyph(character: str, *, bold: bool) -> bool:
    font = _font(30, bold=bold)
    return character == " " or bytes(font.getmask(character)) != bytes(font.getmask(NOT_A_CHARACTER))


@cache
def _font(size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    try:
        return ImageFont.truetype(f"{TYPEFACE}{'-Bold' if bold else ''}.ttf", size)
    except OSError:
        return ImageFont.load_default(size)
