"""Threads as one HTML file that loads nothing: what `paperboy preview --html` writes."""

from adapters.html.thread_page import thread_page

__all__ = ["thread_page"]
