"""The command line: what it prints, where, and with which exit code."""

from __future__ import annotations

import asyncio
import json
import shlex
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

import pytest

from bot.model import Channel
from bot.store.encryption import new_key
from bot.store.sqlite import SqliteStore
from tests.fakes.http_server import Answer, Loopback, json_answer
from tests.harness.command_line import SAMPLE, filled, paperboy
from tests.harness.store import new_store

pytestmark = pytest.mark.usefixtures("alone")


def test_version_and_help_answer_at_once():
    assert paperboy("version").output == f"paperboy {version('paperboy')}\n"
    assert "preview" in paperboy("--help").output


def test_preview_of_the_sample_is_a_thread_and_says_that_it_is_the_sample():
    result = paperboy("preview", "--sample", "--size", "2")
    assert "Trending papers · Fri 24 Oct" in result.stdout
    assert "https://arxiv.org/abs/" in result.stdout
    assert "\x1b" not in result.stdout
    assert "bundled sample" in result.stderr


def test_without_a_network_preview_shows_the_sample_and_says_why():
    result = paperboy("preview")
    assert result.exit_code == 0
    assert "No network (huggingface: " in result.stderr
    assert "Trending papers" in result.stdout


async def test_with_a_network_preview_is_live(monkeypatch, tmp_path):
    async with Loopback() as server:
        listed = {"id": "2510.00001", "title": "A Live Paper", "summary": "We present news.", "upvotes": 12}
        listed["submittedOnDailyAt"] = "2025-10-24T01:00:00.000Z"
        server.on("/api/daily_papers", json_answer([{"paper": listed, "title": "A Live Paper"}]))
        server.on("/api/v1/search_by_date", json_answer({"hits": []}))
        monkeypatch.setenv("PAPERBOY_HUGGINGFACE_URL", server.url)
        monkeypatch.setenv("PAPERBOY_HACKERNEWS_URL", server.url)
        result = await asyncio.to_thread(paperboy, "preview")
    assert "Live from huggingface and hackernews." in result.stderr
    assert "A Live Paper" in result.stdout
    assert not list(tmp_path.glob("*.db"))


def test_preview_as_json_is_one_line_with_the_evidence_and_nothing_else():
    result = paperboy("preview", "--sample", "--json", "--topic", "video")
    (line,) = result.stdout.splitlines()
    picks = json.loads(line)["picks"]
    assert picks
    assert all(pick["topics"] == ["video"] for pick in picks)
    assert {e["kind"] for pick in picks for e in pick["evidence"]} >= {"upvotes"}


def test_preview_writes_a_page(tmp_path):
    result = paperboy("preview", "--sample", "--html", "page.html")
    assert result.exit_code == 0
    assert "<!doctype html>" in (tmp_path / "page.html").read_text().lower()
    assert paperboy("preview", "--sample", "--html", "no/such/folder.html").exit_code == 2


def test_a_topic_that_cannot_be_read_is_one_line_with_an_example():
    result = paperboy("preview", "--sample", "--topic", 'video "diff')
    assert result.exit_code == 2
    assert len(result.stderr.strip().splitlines()) == 1
    assert "Try: " in result.stderr


def test_import_then_search_save_and_why(tmp_path):
    filled()
    assert "67 papers" in paperboy("import", str(SAMPLE)).output
    assert "AdaSPEC" in paperboy("papers", "search", "speculative decoding").output
    assert "adds" in paperboy("papers", "why", "2510.19338").output
    paperboy("papers", "save", "2510.19338")
    assert "@" in paperboy("papers", "saved", "export", "bibtex").output
    assert "1 saved paper" in paperboy("forget", "console:local").output


def test_a_bad_line_imports_nothing_and_is_named(tmp_path):
    (tmp_path / "bad.jsonl").write_text('{"id": "2510.00001", "title": "Fine"}\n{"id": 3')
    result = paperboy("import", "bad.jsonl", "--strict")
    assert result.exit_code == 2
    assert "line 2" in result.stderr
    assert not (tmp_path / "paperboy.db").exists()


def test_a_form_without_answers_says_so():
    filled()
    paperboy("papers", "subscribe", "at:09:00")
    result = paperboy("papers", "settings")
    assert result.exit_code == 2
    assert "“Digest settings” asks questions" in result.stderr


def test_reading_commands_work_while_another_paperboy_writes(tmp_path):
    filled()
    with new_store(tmp_path / "paperboy.db"):
        assert "AdaSPEC" in paperboy("papers", "search", "speculative decoding").output
        refused = paperboy("papers", "save", "2510.19338")
        assert refused.exit_code == 2
        assert "another Paperboy is writing" in refused.stderr
        assert paperboy("backup", "copy.db").exit_code == 0
    with SqliteStore(tmp_path / "copy.db", write=False) as store:
        assert store.path.exists()


def test_a_backup_never_overwrites(tmp_path):
    filled()
    (tmp_path / "there.db").write_text("mine")
    assert paperboy("backup", "there.db").exit_code == 2
    assert (tmp_path / "there.db").read_text() == "mine"
    assert paperboy("backup", "x.db", "--db", "nowhere.db").exit_code == 2


def test_subscriptions_travel_from_one_database_to_another():
    filled()
    paperboy("papers", "subscribe", "at:08:30", "timezone:Europe/Berlin", "days:mon-fri", "size:7")
    paperboy("papers", "topics", "add", "cat:cs.CL -medical", "confirm:yes")
    paperboy("papers", "topics", "add", "robotics", "strictness:stricter", "confirm:yes")
    exported = paperboy("subscriptions", "export").stdout
    assert (
        paperboy("subscriptions", "import", "--db", "other.db", input=exported + "\n").output
        == "1 subscriptions imported\n"
    )
    assert json.loads(paperboy("subscriptions", "export", "--db", "other.db").stdout) == json.loads(exported)
    assert json.loads(exported)["strictness"] == {"robotics": 0.6225}
    by_name = '{"channel": "console:local", "topics": ["robotics"], "strictness": {"robotics": "widest"}}'
    paperboy("subscriptions", "import", "--db", "other.db", input=by_name)
    again = json.loads(paperboy("subscriptions", "export", "--db", "other.db").stdout)
    assert again["strictness"] == {"robotics": 0.1824}


@pytest.mark.parametrize("minutes", [-1, 0, 5])
def test_importing_a_channel_again_does_not_cancel_the_digest_that_is_due(tmp_path, minutes: int):
    filled()
    line = '{"channel": "console:local", "at": "09:00", "timezone": "UTC"}\n'
    due = datetime(2026, 6, 16, 9, tzinfo=UTC)
    for moment in (due - timedelta(hours=1), due + timedelta(minutes=minutes)):
        (tmp_path / "clock").write_text(moment.isoformat())
        assert paperboy("subscriptions", "import", input=line).exit_code == 0
    with SqliteStore(tmp_path / "paperboy.db", write=False) as store:
        [subscription] = asyncio.run(store.subscriptions.all())
    assert subscription.next_due == due


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("{", "no JSON object"),
        ('{"channel": "nowhere"}', "is no address"),
        ('{"channel": "console:local", "timezone": "Mars/Base"}', "no time zone Mars/Base"),
        ('{"channel": "console:local", "size": 99}', "99 is not between"),
        ('{"channel": "console:local", "topics": ["\\"open"]}', "Try: "),
        ('{"channel": "console:local", "days": ["someday"]}', "days are a list of mon, tue,"),
        ('{"channel": "console:local", "days": "daily"}', "not 'd'; write lines as"),
        ('{"channel": "console:local", "strictness": {"x": "hard"}}', "strictness is one of widest, much-wider,"),
        ('{"channel": "console:local", "strictness": {"x": 0.9}}', "or 0.1824 to 0.8176, and not 0.9"),
        ('{"channel": "console:local", "strictness": ["x"]}', 'an object, as in {"video diffusion": "stricter"}'),
        ('{"topics": []}', "'channel' is missing"),
        ("[]", "no JSON object"),
    ],
)
def test_a_bad_subscription_is_named_by_its_line_and_none_is_imported(line: str, named: str, tmp_path):
    result = paperboy("subscriptions", "import", input=f'{{"channel": "console:local"}}\n{line}\n')
    assert result.exit_code == 2
    assert "line 2: " in result.stderr
    assert named in result.stderr
    assert not (tmp_path / "paperboy.db").exists()


def test_collect_reports_each_source_and_fails_only_when_all_do():
    result = paperboy("collect", "--json")
    reports = json.loads(result.stdout)
    assert {report["source"] for report in reports} == {"huggingface", "arxiv", "hackernews"}
    assert all(report["fault"] for report in reports)
    assert result.exit_code == 1
    output = paperboy("collect").stdout
    assert "huggingface: down (" in output


async def test_collect_succeeds_when_one_source_answers(monkeypatch):
    async with Loopback() as server:
        server.on("/api/v1/search_by_date", Answer(body=b'{"hits": []}'))
        monkeypatch.setenv("PAPERBOY_HACKERNEWS_URL", server.url)
        result = await asyncio.to_thread(paperboy, "collect")
    assert result.exit_code == 0
    assert "hackernews: 0 papers, 0 new observations" in result.stdout


def test_settings_are_listed():
    assert "PAPERBOY_CONTACT=" in paperboy("settings").output


def test_wrong_settings_are_all_named_on_stderr(monkeypatch):
    monkeypatch.setenv("PAPERBOY_SOURCES", "twitter")
    monkeypatch.setenv("PAPERBOY_TIMEOUT", "0")
    result = paperboy("collect")
    assert result.exit_code == 2
    assert "PAPERBOY_SOURCES: " in result.stderr
    assert "PAPERBOY_TIMEOUT: " in result.stderr


def test_a_clock_that_cannot_be_read_is_a_setting_that_is_wrong(monkeypatch):
    monkeypatch.setenv("PAPERBOY_CLOCK", "no-such-file")
    result = paperboy("collect")
    assert result.exit_code == 2
    assert "PAPERBOY_CLOCK: " in result.stderr


def test_forget_wants_an_address():
    assert "is no address" in paperboy("forget", "me").stderr
    filled()
    assert Channel("slack:T1/U1") in paperboy("forget", "slack:T1/U1").output


def test_the_engine_is_not_loaded_for_help():
    """`--help` answers at once because nothing is imported for it that it does not print."""
    slow = ("httpx", "sqlite_utils", "psycopg", "bot.store")
    code = f"import sys, bot.__main__; print(any(name.startswith({slow}) for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_the_client_for_postgresql_is_not_loaded_where_the_database_is_a_file():
    code = (
        "import sys; from pathlib import Path; from bot.app import databases;"
        "databases.open_store(Path('paperboy.db'), write=True).close(); print('psycopg' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_the_manifest_is_json_and_nothing_else():
    assert json.loads(paperboy("manifest", "slack").stdout)["settings"]["socket_mode_enabled"] is True
    over_http = json.loads(paperboy("manifest", "slack", "--http", "https://papers.example.org").stdout)
    assert over_http["settings"]["socket_mode_enabled"] is False
    assert paperboy("manifest", "slack", "--http", "ftp://x").exit_code == 2


def test_a_key_is_new_each_time():
    first, second = paperboy("key").stdout, paperboy("key").stdout
    assert len(first) > 40
    assert first != second


def test_a_half_connected_slack_says_what_is_missing_and_does_not_start(monkeypatch):
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-" + "1-2-3")
    result = paperboy("run")
    assert result.exit_code == 2
    assert "SLACK_APP_TOKEN is missing" in result.stderr


def test_import_leaves_out_a_bad_line_counts_and_names_it_and_with_strict_stores_nothing():
    authors = [f"Author {number}" for number in range(3_432)]
    record = {"id": "2511.50002", "title": "Objects", "summary": "We study objects.", "authors": authors}
    Path("a.jsonl").write_text(f'{json.dumps(record)}\n{{"id": "2511.50003"}}\n')
    strict = paperboy("import", "a.jsonl", "--strict", "--db", "strict.db")
    assert (strict.exit_code, strict.stderr) == (2, "paperboy: a.jsonl: line 2: no title\n")
    result = paperboy("import", "a.jsonl")
    assert (result.exit_code, result.stdout) == (
        0,
        "a.jsonl: 1 papers (1 new, 0 changed), 0 new observations; 1 line left out\n",
    )
    assert "a.jsonl: line 2: no title" in result.stderr
    assert "Author 0, Author 1, Author 2 + 3,429 more" in paperboy("papers", "paper", "2511.50002").stdout


@pytest.mark.parametrize("mistyped", [False, True])
def test_without_the_key_that_opens_stored_tokens_run_refuses_in_one_line_and_key_drop_erases_them(
    monkeypatch: pytest.MonkeyPatch, mistyped: bool
):
    with new_store(Path("paperboy.db"), keys=(new_key(),)) as store:
        asyncio.run(store.secrets.put("slack/team/T1", "a-token"))
    if mistyped:
        monkeypatch.setenv("PAPERBOY_SECRET_KEY", new_key())
    refused = paperboy("run")
    assert refused.exit_code == 2
    (line,) = refused.stderr.splitlines()
    assert "decrypts 1 stored token; put the earlier key back" in line
    assert "`paperboy key --drop`" in line
    assert "✗ secret key: " in paperboy("doctor").stdout
    assert "erased 1 tokens" in paperboy("key", "--drop").stdout
    with SqliteStore(Path("paperboy.db"), write=False) as store:
        assert asyncio.run(store.secrets.unreadable()) == []


@pytest.mark.parametrize(
    ("line", "option"),
    [
        (("run", "--db", "a.db", "--db", "b.db"), "--db"),
        (("papers", "--in", "webhook:a", "today", "--in=webhook:b"), "--in"),
        (("search", "video", "--limit", "3", "--limit", "4"), "--limit"),
        (("mail", "subscribe", "a@example.org", "--at", "9", "--at", "10"), "--at"),
    ],
)
def test_an_option_of_one_value_that_is_given_twice_is_one_line(line, option):
    result = paperboy(*line)
    assert result.exit_code == 2
    assert result.stderr == f"Error: {option} is given more than once; it takes one value.\n"


@pytest.mark.parametrize("options", [("--sample", "--db", "a.db"), ("--json", "--html", "a.html")])
def test_of_two_options_that_rule_each_other_out_none_is_passed_over(options):
    result = paperboy("preview", *options)
    assert (result.exit_code, "give one of them" in result.stderr) == (2, True)


def test_what_may_be_repeated_may_be_given_twice():
    assert paperboy("preview", "--sample", "--json", "--json", "--topic", "video", "--topic", "audio").exit_code == 0


def test_a_form_is_filled_in_on_the_terminal_line_by_line(monkeypatch):
    monkeypatch.setenv("PAPERBOY_SECRET_KEY", new_key())
    refused = paperboy("papers", "zotero", "connect", "P9NiFoyLeZu2bZNvvuQPDWsd")
    assert "paperboy papers zotero connect opens the form" in refused.stdout
    left = paperboy("papers", "zotero", "connect", input="cancel\n").stdout
    assert "API key (Make one at" in left
    assert left.endswith("Nothing was changed.\n")
    result = paperboy("papers", "settings", input="video diffusion\n\n\n7\n" + "\n" * 9)
    assert (result.exit_code, "Subscribed: 7 papers at" in result.stdout) == (0, True)
    assert "video diffusion" in paperboy("papers", "topics").stdout
    unanswered = paperboy("papers", "zotero", "connect", input="")
    assert unanswered.exit_code == 2
    assert unanswered.stderr.startswith("paperboy: “Connect Zotero” asks questions: type the command at a terminal")


def test_a_question_on_the_terminal_says_what_to_type():
    filled()
    asked = paperboy("papers", "topics", "add", "video | audio").stdout
    line = "paperboy papers 'topics add video | audio confirm:yes'"
    assert f"To do it, type {line}." in asked
    assert "Following video | audio" in paperboy("papers", *shlex.split(line)[2:]).stdout
    assert "To do it" not in paperboy("papers", "topics").stdout


def test_what_was_done_is_not_offered_to_be_undone_as_if_it_were_to_be_done():
    filled()
    paperboy("papers", "watch", "add", "video", "confirm:yes")
    removed = paperboy("papers", "watch", "remove", "video").stdout
    assert "No longer watching" in removed
    assert "To do it" not in removed
