"""Mail: a digest as one message, plain text and HTML, over SMTP. See README.md.

connect.py      settings -> outlet              outlet.py      `ports.Outlet` and `ports.Postman`
compose.py      message -> mail with headers    plain_text.py, html_body.py   its two bodies
client.py       connections to the server       failures.py    replies -> delivery errors
diagnostics.py  the doctor's checks
"""

from adapters.email.client import Server, SmtpClient
from adapters.email.compose import Sender, compose
from adapters.email.connect import connect
from adapters.email.diagnostics import examine
from adapters.email.outlet import EmailOutlet

__all__ = ["EmailOutlet", "Sender", "Server", "SmtpClient", "compose", "connect", "examine"]
