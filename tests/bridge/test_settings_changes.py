"""What differs between two states of the settings."""

from __future__ import annotations

from pydantic import SecretStr

from bridge.settings import Settings
from bridge.settings_changes import changed, fixed


def test_what_differs_is_told_by_name_as_it_is_written_in_the_file() -> None:
    old = Settings()
    assert changed(old, Settings()) == []
    new = Settings(
        public_url="https://desk.example",
        slack_bot_token=SecretStr("xoxb-secret"),
        labels={"names": ["billing"]},
        bots=[{"id": "a", "url": "https://bot.example", "secret": "whsec_" + "YWJj" * 12}],
    )
    assert changed(old, new) == [
        "PUBLIC_URL",
        "SLACK_BOT_TOKEN",
        "WEBCHAT_ORIGINS",
        "bots",
        "labels",
    ]


def test_what_a_process_stands_on_needs_a_restart() -> None:
    names = changed(Settings(), Settings(database_url="sqlite:///other.db", metrics_port=9))
    assert list(fixed([*names, "labels"])) == ["DATABASE_URL", "METRICS_PORT"]
    assert "restart" in fixed(names)["DATABASE_URL"]
