"""`python -m tests.email.picture [FOLDER]` draws the README's pictures of a mail from one that came over SMTP.

Needs Chromium and Playwright. Into a FOLDER it draws digest and letter on a phone and a desktop, light and dark.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from pathlib import Path

from PIL import Image

from bot.model import Channel, ChannelSettings
from tests.email.harness import token, wired_mail
from tests.email.server import Mail, MailServer, certificate, link_to
from tests.web.browser import DESKTOP, PHONE, browsing

STAND_IN = (Path(__file__).parents[2] / "adapters" / "web" / "card.png").read_bytes()
"""Our own card of a paper, in place of Hugging Face's picture, which cannot be fetched here."""
TARGET = Path(__file__).parents[2] / "adapters" / "email"


async def mails(*, pictures: bool = False) -> tuple[Mail, Mail]:
    """The letter and the first digest of the sample week, as the server got them."""
    os.environ["SSL_CERT_FILE"] = str(certificate()[0])
    with tempfile.TemporaryDirectory() as folder:
        async with MailServer() as server, wired_mail(Path(folder), server.server()) as mail:
            await mail.sign_up(size="5", topics="")
            await mail.letters.send()
            await mail.mailing.confirm(token(link_to(server.mails[0], "confirm")))
            wishes = ChannelSettings(mail_pictures=pictures)
            await mail.store.channels.change(Channel("mail:1"), ChannelSettings(), wishes)
            await mail.deliver(days=1)
            return server.mails[0], server.mails[1]


async def main(folder: Path | None) -> None:
    """The README's two, or all of them."""
    letter, digest = await mails()
    async with browsing() as browser:

        async def draw(mail: Mail, size: dict[str, int], scheme: str, path: Path, *, whole: bool = False) -> None:
            page = await browser.new_page(viewport=size, color_scheme=scheme, device_scale_factor=2)
            await page.route("https://**", lambda route: route.fulfill(body=STAND_IN, content_type="image/png"))
            await page.set_content(mail.html)
            await page.screenshot(path=path, full_page=whole)
            await page.close()

        if folder is None:
            await draw(digest, {**PHONE, "height": 760}, "light", TARGET / "light.png")
            await draw(digest, {**PHONE, "height": 760}, "dark", TARGET / "dark.png")
            _, with_picture = await mails(pictures=True)
            await draw(with_picture, {**PHONE, "height": 760}, "light", TARGET / "picture.png")
            with Image.open(TARGET / "picture.png") as picture:
                picture.convert("RGB").quantize(64).save(TARGET / "picture.png", optimize=True)
            return
        for name, mail in (("letter", letter), ("digest", digest)):
            for place, size in (("phone", PHONE), ("desktop", DESKTOP)):
                for scheme in ("light", "dark"):
                    await draw(mail, size, scheme, folder / f"{name}-{place}-{scheme}.png", whole=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]) if len(sys.argv) > 1 else None))
