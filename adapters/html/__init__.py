"""Threads as a page of their own: what a channel would show, in one file that needs nothing else."""

from adapters.html.page import thread_page

__all__ = ["thread_page"]
