"""Digests by mail: an address asks, its owner confirms, and from then on `mail:17` is a channel like any other.

    request ─► limits ─► store: waiting ─► run: claim ─► the letter with the link ─► confirm ─► a Subscription

desk.py      all that a page may ask, and who may be written to
address.py   what is an address, and whose inbox
links.py     signed links that end
limits.py    how many letters may be asked for
letters.py   the letters on their way: at most once each
bounces.py   an outlet that gives an address three chances
wiring.py    these parts around an adapter
door.py      the same from the command line
"""

from bot.delivery.mail.signup import MailDesk, PostOffice
from bot.delivery.mail.wiring import Mail, wire

__all__ = ["Mail", "MailDesk", "PostOffice", "wire"]
