"""Incoming webhooks: digests as messages of Mattermost, Teams, Google Chat, or plain JSON. See README.md."""

from adapters.webhook.outlet import connect, examine

__all__ = ["connect", "examine"]
