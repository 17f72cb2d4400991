"""Ranking of papers by trend, and by the profile of a channel. Pure."""
