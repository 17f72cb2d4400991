"""Shortlist of candidates, and the digests of channels chosen from it. Pure."""
