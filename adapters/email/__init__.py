"""Mail: a digest as one message, text and HTML, over SMTP.

connect.py    settings -> outlet
outlet.py     the port: post, find (which cannot tell), letters
compose.py    a message with its headers        plain.py   its text        page.py   its HTML, from mail.html, mail.css
wire.py       connections to the server         failures.py   what an answer of it means
examine.py    what the doctor asks
"""

from adapters.email.client import Server, SmtpClient
from adapters.email.compose import Sender, compose
from adapters.email.connect import connect, server_of
from adapters.email.diagnostics import examine
from adapters.email.outlet import EmailOutlet

__all__ = ["EmailOutlet", "Sender", "Server", "SmtpClient", "compose", "connect", "examine", "server_of"]
