"""Matrix: digests as threads in unencrypted rooms, commands as messages. See README.md.

client.py   requests as one account, failures as delivery errors, direct rooms
content.py  message -> event content: HTML, plain text, what a reply to it may press
outlet.py   post, find, edit, retract, prove, link
front.py    the sync loop: invitations, reactions, messages that are written to Paperboy
answers.py  answers in the room or in direct messages, and the replies to them
connect.py  settings -> outlet and front, and the doctor's checks
"""

from adapters.matrix.connect import connect, examine

__all__ = ["connect", "examine"]
