"""Settings: defaults, every fault at once with its remedy, and no value of a secret in any of them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from pydantic import Field, SecretStr

from bot import settings
from bot.__main__ import main
from bot.app.logs import Redactor
from bot.errors import SettingsError


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, _, _ in settings.table():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("PORT", raising=False)
    monkeypatch.delenv("DATABASE_URL", raising=False)


def test_without_any_variable_the_defaults_hold():
    loaded = settings.load()
    assert loaded.db == Path("paperboy.db")
    assert loaded.host == "127.0.0.1"
    assert loaded.port is None
    assert loaded.sources == ("huggingface", "arxiv", "hackernews")


def test_the_command_line_wins_over_the_environment(monkeypatch):
    monkeypatch.setenv("PAPERBOY_DB", "from-environment.db")
    assert settings.load(db=Path("given.db")).db == Path("given.db")
    assert settings.load(db=None).db == Path("from-environment.db")


def test_the_url_of_a_platform_is_taken_where_no_database_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://me:hunter22@h/papers")
    assert str(settings.load().db) == "postgresql://me@h/papers"
    assert "hunter22" not in repr(settings.load())
    monkeypatch.setenv("PAPERBOY_DB", "")
    assert str(settings.load().db) == "postgresql://me@h/papers"
    assert settings.load(db=Path("given.db")).db == Path("given.db")
    monkeypatch.setenv("PAPERBOY_DB", "mine.db")
    assert settings.load().db == Path("mine.db")


@pytest.mark.parametrize("variable", ["PAPERBOY_DB", "DATABASE_URL"])
def test_a_database_that_is_not_paperboy_s_is_refused_with_the_remedy_and_without_its_password(monkeypatch, variable):
    monkeypatch.setenv(variable, "mysql://me:hunter22@h/papers")
    result = CliRunner().invoke(main, ["collect"])
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert line.startswith("paperboy: PAPERBOY_DB: mysql:// is no database of Paperboy's: set PAPERBOY_DB to the path")
    given = CliRunner().invoke(main, ["collect", "--db", "mysql://me:hunter22@h/papers"])
    assert given.exit_code == 2
    assert "mysql:// is no database" in given.stderr
    assert "hunter22" not in line + given.output


def test_every_fault_is_named_at_once_with_its_variable(monkeypatch):
    for name, wrong in {
        "PAPERBOY_SOURCES": "huggingface,twitter",
        "PAPERBOY_HUGGINGFACE_URL": "ftp://example.org",
        "PAPERBOY_TIMEOUT": "soon",
        "PAPERBOY_ARXIV_CATEGORIES": "cs.CL;drop",
        "PAPERBOY_OPERATOR": "everybody",
        "PAPERBOY_CONTACT": "a\nb: c",
        "PAPERBOY_EMBEDDINGS": "onnx:",
        "PORT": "99999",
    }.items():
        monkeypatch.setenv(name, wrong)
    with pytest.raises(SettingsError) as caught:
        settings.load()
    faults = "\n".join(caught.value.faults)
    assert len(caught.value.faults) == 8
    names = "SOURCES HUGGINGFACE_URL TIMEOUT ARXIV_CATEGORIES OPERATOR CONTACT EMBEDDINGS PORT"
    for named in names.split():
        assert f"PAPERBOY_{named}: " in faults
    assert "choose from huggingface, arxiv, hackernews" in faults
    assert all("\n" not in fault for fault in caught.value.faults)


def test_a_source_that_its_own_setting_switches_on_is_said_to_be_one(monkeypatch):
    monkeypatch.setenv("PAPERBOY_SOURCES", "arxiv,feeds")
    with pytest.raises(SettingsError, match="leave out feeds: it is read where .*PAPERBOY_FEEDS"):
        settings.load()
    monkeypatch.setenv("PAPERBOY_SOURCES", "github")
    with pytest.raises(SettingsError, match="leave out github: it is read where PAPERBOY_GITHUB_TOKEN is set"):
        settings.load()


def test_a_url_with_a_password_is_refused_without_repeating_it(monkeypatch):
    monkeypatch.setenv("PAPERBOY_ARXIV_API_URL", "https://me:hunter2secret@example.org")
    with pytest.raises(SettingsError) as caught:
        settings.load()
    assert "hunter2secret" not in str(caught.value)


def test_port_is_honoured_and_our_own_name_goes_first(monkeypatch):
    monkeypatch.setenv("PORT", "5000")
    assert settings.load().port == 5000
    monkeypatch.setenv("PAPERBOY_PORT", "6000")
    assert settings.load().port == 6000


def test_lists_are_split_at_commas_and_spaces_and_an_empty_variable_is_no_variable(monkeypatch):
    monkeypatch.setenv("PAPERBOY_ARXIV_CATEGORIES", "cs.CL, hep-th  math.AG")
    monkeypatch.setenv("PAPERBOY_TIMEOUT", "")
    loaded = settings.load()
    assert loaded.arxiv_categories == ("cs.CL", "hep-th", "math.AG")
    assert loaded.timeout == 20


def test_the_table_lists_every_setting_with_what_it_does():
    rows = settings.table()
    assert len(rows) == len(settings.Settings.model_fields)
    assert ("PAPERBOY_HOST", "127.0.0.1", "The address to listen on; 0.0.0.0 for all.") in rows
    assert all(text for _, _, text in rows)


@pytest.mark.parametrize("contact", ["Zoë <zoe@example.org>", "a@example.org\r\nX: y"])
def test_a_contact_that_does_not_fit_into_a_header_is_refused(monkeypatch, contact: str):
    monkeypatch.setenv("PAPERBOY_CONTACT", contact)
    with pytest.raises(SettingsError, match="PAPERBOY_CONTACT: write one line of plain letters only"):
        settings.load()


def test_a_setting_is_added_by_one_field(monkeypatch):
    """As in bot/app/README.md: variable, faults, table and redaction need nothing but the field."""

    class Extended(settings.Settings):
        pigeon_url: settings.WebUrl | None = Field(None, description="Where the pigeons are.")
        pigeon_call: SecretStr | None = Field(None, description="What they answer to.")

    monkeypatch.setattr(settings, "Settings", Extended)
    monkeypatch.setenv("PAPERBOY_PIGEON_URL", "https://pigeons.example.org/")
    monkeypatch.setenv("PAPERBOY_PIGEON_CALL", "gurr-gurr-gurr")
    assert settings.load().pigeon_url == "https://pigeons.example.org"
    assert ("PAPERBOY_PIGEON_URL", "", "Where the pigeons are.") in settings.table()
    assert "PAPERBOY_PIGEON_URL=\n    Where the pigeons are." in CliRunner().invoke(main, ["settings"]).output
    assert "gurr" not in Redactor(os.environ).redact("calls gurr-gurr-gurr")
    monkeypatch.setenv("PAPERBOY_PIGEON_URL", "in the loft")
    with pytest.raises(SettingsError, match="PAPERBOY_PIGEON_URL: write a URL"):
        settings.load()


def test_none_is_no_source_and_a_public_url_with_a_path_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PAPERBOY_SOURCES", "none")
    monkeypatch.setenv("PAPERBOY_PUBLIC_URL", "https://papers.example.org/")
    loaded = settings.load()
    assert (loaded.sources, loaded.public_url) == ((), "https://papers.example.org")
    monkeypatch.setenv("PAPERBOY_PUBLIC_URL", "https://example.org/papers")
    with pytest.raises(SettingsError, match="PAPERBOY_PUBLIC_URL: write a host without a path"):
        settings.load()


def test_a_category_is_taken_in_any_case_and_an_unknown_one_is_named_as_typed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PAPERBOY_ARXIV_CATEGORIES", "CS.CL,Cond-Mat.Soft,stat.ml")
    assert settings.load().arxiv_categories == ("cs.CL", "cond-mat.soft", "stat.ML")
    monkeypatch.setenv("PAPERBOY_ARXIV_CATEGORIES", "CS.XX")
    with pytest.raises(
        SettingsError, match=r"PAPERBOY_ARXIV_CATEGORIES: “CS\.XX” is no arXiv category; did you mean cs"
    ):
        settings.load()
