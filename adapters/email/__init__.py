"""Mail: a digest as one message, plain text and HTML, over SMTP. The files: README.md."""

from adapters.email.client import Server, SmtpClient
from adapters.email.compose import Sender, compose
from adapters.email.connect import connect
from adapters.email.diagnostics import examine
from adapters.email.outlet import EmailOutlet

__all__ = ["EmailOutlet", "Sender", "Server", "SmtpClient", "compose", "connect", "examine"]
