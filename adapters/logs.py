"""What libraries say, made bearable."""

from __future__ import annotations

import logging


class OneLine(logging.Filter):
    """Takes the traceback off: a network that is away for an hour is one line a try."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Everything passes."""
        if record.exc_info and isinstance(error := record.exc_info[1], BaseException):
            record.msg, record.args = f"{record.getMessage()} ({type(error).__name__}: {str(error)[:200]})", ()
        record.exc_info = record.exc_text = None
        return True
