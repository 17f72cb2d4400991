"""Log lines: one fact a line, readable by people or programs, and never a token."""

from __future__ import annotations

import io
import json
import logging

import pytest

from bot.app import logs

SLACK = "xoxb-" + "1234567890-abcdefghij"
ASSISTANT = "paperboy_" + "c2xhY2s6VDEvVTE" + "." + "s" * 43
DISCORD = "M" + "TIzNDU2Nzg5MDEyMzQ1Njc4" + ".GabcdE." + "a" * 30


@pytest.fixture(autouse=True)
def the_log_of_the_tests_comes_back():
    root, own = logging.getLogger(), logging.getLogger("paperboy")
    before = (root.handlers[:], root.level, own.level)
    yield
    root.handlers[:], root.level, own.level = before


def lines(*, as_json: bool = False, level: str = "info", environment: dict[str, str] | None = None) -> io.StringIO:
    out = io.StringIO()
    logs.start(level, as_json=as_json, environment=environment or {}, out=out)
    return out


@pytest.mark.parametrize("as_json", [False, True])
def test_no_token_is_ever_written(as_json: bool):
    out = lines(as_json=as_json, environment={"SLACK_SIGNING_SECRET": "0123456789abcdef", "HOME": "/home/somebody"})
    log = logging.getLogger("paperboy.test")
    log.error("failed token=%s discord=%s mcp=%s", SLACK, DISCORD, ASSISTANT, exc_info=ValueError(f"refused {SLACK}"))
    log.info(
        "url=https://me:hunter2@example.org/ header=%s secret=%s", "Bearer abcdefghijklmnopqrstuv", "0123456789abcdef"
    )
    log.info("home=/home/somebody")
    written = out.getvalue()
    for secret in (SLACK, DISCORD, ASSISTANT, "hunter2", "abcdefghijklmnopqrstuv", "0123456789abcdef"):
        assert secret not in written
    assert written.count("[secret]") >= 6
    assert "/home/somebody" in written


def test_the_password_of_a_database_s_url_is_removed_wherever_it_stands():
    out = io.StringIO()
    logs.start("info", as_json=False, environment={}, secrets=("correct-horse",), out=out)
    log = logging.getLogger("paperboy.test")
    log.info("a=correct-horse b=postgres://me:pw@h/d c=postgresql://h/d?password=pw2&sslmode=require")
    line = out.getvalue()
    assert "a=[secret] b=postgres://[secret]@h/d c=postgresql://h/d?password=[secret]&sslmode=require" in line


def test_a_secret_key_of_several_parts_is_removed_part_by_part():
    out = lines(environment={"PAPERBOY_SECRET_KEY": "first-key-of-two, second-key-of-two"})
    logging.getLogger("paperboy.test").info("a=first-key-of-two b=second-key-of-two")
    assert "a=[secret] b=[secret]" in out.getvalue()


def test_the_urls_of_webhooks_are_removed_one_by_one():
    out = lines(environment={"PAPERBOY_WEBHOOKS": "a=json:https://a.example/first  b=teams:https://b.example/second"})
    logging.getLogger("paperboy.x").warning("got https://b.example/second and https://a.example/first")
    assert "got [secret] and [secret]" in out.getvalue()


def test_text_lines_are_key_value_and_one_record_is_one_line():
    out = lines()
    logging.getLogger("paperboy.test").info("said text=%s", "two\nlines")
    (line,) = out.getvalue().splitlines()
    assert "level=info logger=paperboy.test said text=two\\nlines" in line


def test_json_lines_are_json_with_the_trace_inside():
    out = lines(as_json=True)
    logging.getLogger("paperboy.test").error("failed part=%s", "x", exc_info=RuntimeError("ouch"))
    (line,) = out.getvalue().splitlines()
    record = json.loads(line)
    assert record["message"] == "failed part=x"
    assert "RuntimeError: ouch" in record["trace"]


def test_other_libraries_are_heard_from_warnings_on_and_retries_not_at_all():
    out = lines(level="debug")
    logging.getLogger("httpx").info("chatter")
    logging.getLogger("stamina").warning("a retry")
    logging.getLogger("somebody").warning("a warning")
    logging.getLogger("paperboy.test").debug("a detail")
    assert "chatter" not in out.getvalue()
    assert "a retry" not in out.getvalue()
    assert "a warning" in out.getvalue()
    assert "a detail" in out.getvalue()


def test_the_address_of_each_webhook_is_removed():
    first, second = "https://chat.example.org/hooks/s3cr3t-one", "https://chat.example.org/hooks/s3cr3t-two"
    out = lines(environment={"PAPERBOY_WEBHOOKS": f"a=mattermost:{first} b=teams:{second}"})
    logging.getLogger("paperboy.test").info("a=%s b=%s", first, second)
    assert "a=[secret] b=[secret]" in out.getvalue()
