"""Claim, post, record: messages on their way to a platform, and what follows from a failure."""
