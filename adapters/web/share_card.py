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
from bot.wording import evidence, parts

SIZE = (1200, 630)
EDGE, BAND = 80, 28
"""Pixels: the margin, and the stripe of the category's colour at the left."""
PAGE, INK, SOFT = "#fbfaf7", "#1f1d1a", "#5f5a52"
TITLE_SIZES = (68, 60, 52, 46, 40)
"""Pixels; the largest of these in which the title fits."""
TITLE_LINES = 4
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
    width = SIZE[0] - BAND - 2 * EDGE
    left, top = BAND + EDGE, EDGE - 16
    label = " · ".join(filter(None, (category, parts.day_text(paper.age_at.date(), None) if paper.age_at else "")))
    draw.text((left, top), _line(label, 30, width, bold=True), color, _font(30, bold=True))
    size, lines = _title(truncate(printable(parts.title_of(paper)), 400), width)
    top += 66
    for line in lines:
        draw.text((left, top), line, INK, _font(size, bold=True))
        top += round(size * 1.22)
    draw.text((left, top + 14), _line(printable(parts.byline(paper)), 30, width), SOFT, _font(30))
    signals = printable(evidence.short_evidence(trend.evidence, paper)) if trend.evidence else ""
    draw.text((left, SIZE[1] - EDGE - 36), _line(signals, 34, width - 230, bold=True), INK, _font(34, bold=True))
    draw.text((SIZE[0] - EDGE, SIZE[1] - EDGE - 32), "Paperboy", SOFT, _font(30), anchor="ra")
    file = BytesIO()
    image.quantize(COLORS).save(file, "PNG", optimize=True)
    return file.getvalue()


def _title(text: str, width: int) -> tuple[int, list[str]]:
    """The size in which a title fits in four lines, and the lines; a longer one ends with an ellipsis."""
    for size in TITLE_SIZES:
        lines = _wrapped(text, size, width)
        if len(lines) <= TITLE_LINES:
            return size, lines
    last = _line(" ".join(lines[TITLE_LINES - 1 :]), size, width, bold=True)
    return size, [*lines[: TITLE_LINES - 1], last]


def _wrapped(text: str, size: int, width: int) -> list[str]:
    lines = [""]
    for word in _drawable(text, bold=True).split():
        longer = f"{lines[-1]} {word}".lstrip()
        if _font(size, bold=True).getlength(longer) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return [_line(line, size, width, bold=True) for line in lines]


def _line(text: str, size: int, width: int, *, bold: bool = False) -> str:
    """As much of a text as fits in one line."""
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
        return ImageFont.truetype(f"DejaVuSans{'-Bold' if bold else ''}.ttf", size)
    except OSError:
        return ImageFont.load_default(size)
