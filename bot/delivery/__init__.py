"""Delivery: claim, post and record each message, in order within a channel; what follows from a failure."""
