"""`python -m tests.email.picture [FOLDER]` draws the README's pictures of a mail from one that came over SMTP.

Needs Chromium and Playwright. Into a FOLDER it draws digest and letter on a phone and a desktop, light and dark.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
from pathlib import Path

from PIL import Image

from adapters.web.share_card import share_card
from bot.model import Channel, ChannelSettings, Trend
from tests.email.harness import token, wired_mail
from tests.email.server import Mail, MailServer, certificate, link_to
from tests.harness.desk import OMNI
from tests.web.browser import DESKTOP, PHONE, browsing

TARGET = Path(__file__).parents[2] / "adapters" / "email"
COLORS = 128
"""Of the palettes: two fifths of the size, and no eye sees it."""


async def mails(*, pictures: bool = False) -> tuple[Mail, Mail, bytes]:
    """The letter and the first digest of the sample week, as the server got them, and a picture for its first paper.

    It is our own card of the paper: Hugging Face's cannot be fetched here.
    """
    os.environ["SSL_CERT_FILE"] = str(certificate()[0])
    with tempfile.TemporaryDirectory() as folder:
        async with MailServer() as server, wired_mail(Path(folder), server.server()) as mail:
            await mail.sign_up(size="5", topics="")
            await mail.letters.send()
            await mail.mailing.confirm(token(link_to(server.mails[0], "confirm")))
            wishes = ChannelSettings(mail_pictures=pictures)
            await mail.store.channels.change(Channel("mail:1"), ChannelSettings(), wishes)
            await mail.deliver(days=1)
            letter, digest = server.mails
            first = re.search(r"social-thumbnails/papers/([0-9.]+)\.png", digest.html)
            paper_id = first[1] if first else OMNI
            paper = (await mail.store.papers.get([paper_id]))[paper_id]
            return letter, digest, share_card(Trend(paper, 0.0, 0.0))


async def main(folder: Path | None) -> None:
    """The README's two, or all of them."""
    letter, digest, _ = await mails()
    _, with_picture, picture = await mails(pictures=True)
    async with browsing() as browser:

        async def draw(mail: Mail, size: dict[str, int], scheme: str, path: Path, *, whole: bool = False) -> None:
            page = await browser.new_page(viewport=size, color_scheme=scheme, device_scale_factor=2)
            await page.route("**/*.png", lambda route: route.fulfill(body=picture, content_type="image/png"))
            await page.set_content(mail.html)
            await page.screenshot(path=path, full_page=whole)
            await page.close()

        if folder is None:
            await draw(digest, {**PHONE, "height": 760}, "light", TARGET / "light.png")
            await draw(digest, {**PHONE, "height": 760}, "dark", TARGET / "dark.png")
            await draw(with_picture, {**PHONE, "height": 760}, "light", TARGET / "picture.png")
            for name in ("light", "dark", "picture"):
                with Image.open(TARGET / f"{name}.png") as drawn:
                    palette = drawn.convert("RGB").quantize(COLORS, dither=Image.Dither.NONE)
                palette.save(TARGET / f"{name}.png", optimize=True)
            return
        for name, mail in (("letter", letter), ("digest", digest)):
            for place, size in (("phone", PHONE), ("desktop", DESKTOP)):
                for scheme in ("light", "dark"):
                    await draw(mail, size, scheme, folder / f"{name}-{place}-{scheme}.png", whole=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]) if len(sys.argv) > 1 else None))
