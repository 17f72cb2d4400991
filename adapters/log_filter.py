"""A filter for the loggers of platform libraries."""

from __future__ import annotations

import logging


class OneLineTracebacks(logging.Filter):
    """Replaces a traceback by its exception's name and text: a network that is away for an hour is one line a try."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always True: the record is logged, shortened."""
        if record.exc_info and isinstance(error := record.exc_info[1], BaseException):
            record.msg, record.args = f"{record.getMessage()} ({type(error).__name__}: {str(error)[:200]})", ()
        record.exc_info = record.exc_text = None
        return True
