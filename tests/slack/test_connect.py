"""Settings that name what is missing, and show no secret."""

from __future__ import annotations

import pytest

from adapters.slack.connect import SlackConfig, build
from bot.errors import SettingsError
from tests.slack.harness import InMemorySecrets


@pytest.mark.parametrize(
    ("config", "parts"),
    [
        (SlackConfig(), ["SLACK_BOT_TOKEN is missing", "SLACK_APP_TOKEN is missing"]),
        (SlackConfig("xapp-1", "xoxb-1"), ["starts with xoxb-", "starts with xapp-"]),
        (SlackConfig("xoxb-1", signing_secret="s", managers="all"), ["members or admins"]),
        (SlackConfig(signing_secret="s", client_id="1"), ["SLACK_CLIENT_SECRET is missing"]),
        (SlackConfig(client_id="1", client_secret="s"), ["SLACK_SIGNING_SECRET is missing"]),
        (SlackConfig("xoxb-1", "xapp-1", api_url="slack.com"), ["no web address"]),
    ],
)
def test_every_fault_of_the_settings_is_said_with_its_remedy(config: SlackConfig, parts: list[str]):
    problems = config.problems()
    assert len(problems) == len(parts)
    assert all(any(part in problem for problem in problems) for part in parts)
    with pytest.raises(SettingsError):
        build(config, InMemorySecrets())


def test_settings_that_work_have_no_problems_and_show_no_secret():
    config = SlackConfig("xoxb-secret", "xapp-secret")
    assert config.problems() == ()
    assert config.mode == "socket"
    assert config.is_set
    assert "secret" not in repr(config)
    assert SlackConfig("xoxb-1", signing_secret="s").mode == "http"
    assert SlackConfig(signing_secret="s", client_id="1", client_secret="s").problems() == ()
    assert not SlackConfig().is_set
