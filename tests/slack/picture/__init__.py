"""Pictures of what Paperboy posts, drawn from the very payloads: `python -m tests.slack.picture`."""
