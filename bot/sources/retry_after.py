"""The wait that an answer asks for: Retry-After, RateLimit, and GitHub's headers. Pure."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime

import httpx


def is_limited(response: httpx.Response) -> bool:
    """Whether a 403 is one of GitHub's, by which a client is to wait."""
    headers = response.headers
    return response.status_code == 403 and ("retry-after" in headers or headers.get("x-ratelimit-remaining") == "0")


def retry_after(response: httpx.Response) -> float | None:
    """Seconds until the next request: Retry-After, else the reset of RateLimit; None if the answer has neither.

    A date is compared with the server's own Date header, since clocks may differ by more than the wait.
    https://www.rfc-editor.org/rfc/rfc9110#field.retry-after, https://huggingface.co/docs/hub/rate-limits,
    https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
    """
    value = response.headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", value):
        return float(value)
    if value:
        try:
            wait = parsedate_to_datetime(value) - parsedate_to_datetime(response.headers["date"])
        except (KeyError, ValueError, TypeError, OverflowError):
            return None
        return max(0.0, wait.total_seconds())
    if response.status_code not in {403, 429}:
        return None
    if reset := re.search(r"(?:^|[;\s])t=([0-9]{1,9})\b", response.headers.get("ratelimit", "")):
        return float(reset[1])
    return _until_reset(response)


def _until_reset(response: httpx.Response) -> float | None:
    """Seconds until GitHub's limit is reset, by its own clock; None if the answer does not tell."""
    reset = response.headers.get("x-ratelimit-reset", "")
    try:
        now = parsedate_to_datetime(response.headers["date"]).timestamp()
    except (KeyError, ValueError, TypeError, OverflowError):
        return None
    return max(0.0, float(reset) - now) if re.fullmatch(r"[0-9]{1,12}", reset) else None
