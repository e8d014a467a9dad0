"""All faults at once, by name, and never a value."""

from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest

from bridge.errors import SettingsError
from bridge.queues import Default, WrapUp
from bridge.settings import Settings
from bridge.settings_sections import QueueSettings
from bridge.texts import DEFAULTS, fault_in

LONG = "k" * 32
WHSEC = "whsec_" + base64.b64encode(b"x" * 32).decode()
PG = "postgresql://desk:hunter2hunter2@db.example/desk"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def faults(env: dict[str, str], toml: str | bytes | None = None) -> dict[str, str]:
    path = None
    if toml is not None:
        path = Path("given.toml")
        path.write_bytes(toml if isinstance(toml, bytes) else toml.encode())
    with pytest.raises(SettingsError) as caught:
        Settings.load(env, path)
    return caught.value.faults


def from_file(toml: str, **env: str) -> Settings:
    Path("deskbridge.toml").write_text(toml, "utf-8")
    return Settings.load({"SECRET_KEY": LONG, **env})


def test_without_any_settings_the_embedded_defaults_hold() -> None:
    settings = Settings.load({})
    assert settings.database_url == "sqlite:///deskbridge.db"
    assert settings.public_url == "http://127.0.0.1:8080"
    assert settings.webchat_origins == ("http://127.0.0.1:8080", "http://localhost:8080")
    assert settings.bots == ()
    assert settings.redis_url is None
    assert settings.webchat_identity == "anonymous"
    assert (settings.log_level, settings.log_format) == ("info", "console")


def test_the_secret_key_is_made_once_beside_the_file_and_only_we_may_read_it() -> None:
    first, again = Settings.load({}), Settings.load({})
    assert first.secret_keys == again.secret_keys
    assert len(first.secret_keys[0]) >= 32
    kept = Path("deskbridge.db.key")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert list(Path().iterdir()) == [kept]


def test_two_processes_that_begin_at_once_keep_the_same_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = "o" * 40
    monkeypatch.setattr(Path, "exists", lambda _path: False)  # the other one comes in between
    Path("deskbridge.db.key").write_text(other)
    assert Settings.load({}).secret_keys == [other.encode()]


@pytest.mark.parametrize("kept", ["", "short"])
def test_a_kept_key_that_is_too_short_is_a_fault(kept: str) -> None:
    Path("deskbridge.db.key").write_text(kept)
    assert list(faults({})) == ["SECRET_KEY"]


def test_a_folder_that_is_not_there_is_a_fault_and_no_trace() -> None:
    found = faults({"DATABASE_URL": "sqlite:///nowhere/desk.db"})
    assert found == {
        "SECRET_KEY": "cannot be kept in nowhere/desk.db.key: No such file or directory"
    }


def test_the_environment_stands_above_the_file_and_empty_counts_as_unset() -> None:
    toml = 'public_url = "https://file.example"\nlog_level = "debug"\n'
    settings = from_file(toml, PUBLIC_URL="https://env.example/", LOG_LEVEL="")
    assert (settings.public_url, settings.log_level) == ("https://env.example", "debug")


def test_a_named_file_must_be_there_and_be_readable_toml() -> None:
    assert faults({"DESKBRIDGE_CONFIG": "gone.toml"}) == {
        "DESKBRIDGE_CONFIG": "gone.toml does not exist"
    }
    Path("folder.toml").mkdir()
    assert "cannot be read" in faults({"DESKBRIDGE_CONFIG": "folder.toml"})["DESKBRIDGE_CONFIG"]
    for broken in ('api_key = "', b"\xff\xfe"):
        assert "is not valid TOML" in faults({}, broken)["DESKBRIDGE_CONFIG"]


def test_every_fault_is_told_at_once_by_name_and_no_value_is_repeated() -> None:
    env = {
        "DATABASE_URL": "mysql://secret-a",
        "REDIS_URL": "http://secret-b",
        "PUBLIC_URL": "secret-c",
        "SECRET_KEY": "secret-d",
        "API_KEY": "secret-e",
        "WEBCHAT_ORIGINS": "https://ok.example,https://secret-f.example/path",
        "WEBCHAT_IDENTITY": "secret-g",
        "WEBCHAT_IDENTITY_SECRET": "secret-h",
        "BOT_URL": "ftp://secret-i",
        "BOT_SECRET": "secret-j",
        "METRICS_PORT": "secret-k",
        "LOG_LEVEL": "secret-l",
        "SLACK_API_URL": "http://[secret-m",
    }
    toml = '[handoff]\npreview = "secret-n"\n[messages.nothing]\nen = "secret-o"\n'
    path = Path("deskbridge.toml")
    path.write_text(toml)
    with pytest.raises(SettingsError) as caught:
        Settings.load(env, path)
    named = set(caught.value.faults)
    assert set(env) - {"WEBCHAT_ORIGINS"} <= named
    assert {"handoff.preview"} <= named
    assert any(name.startswith("WEBCHAT_ORIGINS") for name in named)
    assert any(name.startswith("messages.nothing") for name in named)
    assert "secret-" not in str(caught.value)
    assert "secret-" not in repr(caught.value.__cause__)


def test_a_desk_may_keep_inside_whatever_is_not_plainly_a_reply() -> None:
    assert from_file('[replies]\ndefault = "note"\n').replies.default is Default.NOTE
    assert from_file("").replies.default is Default.REPLY


def test_a_queue_says_what_its_agents_words_are_and_what_a_resolve_needs() -> None:
    [default, strict] = from_file(
        '[labels]\nnames = ["refund", "late"]\n'
        '[[queues]]\nname = "default"\nrequire_labels = true\nreply = "note"\n'
        '[[queues]]\nname = "strict"\nrequire_labels = ["vip"]\noutcomes = ["not ours"]\n'
        "undo_seconds = 3\n"
    ).queues
    assert default.wrap_up(("refund", "late")) == WrapUp(True, ("refund", "late"))
    assert default.wrap_up(()) == WrapUp(True)
    assert strict.wrap_up(("refund",)) == WrapUp(True, ("vip",), ("not ours",))
    assert QueueSettings(name="x").wrap_up(("refund",)) == WrapUp()
    assert (default.reply, default.undo_seconds, strict.undo_seconds) == (Default.NOTE, None, 3)


def test_who_is_not_heard_is_named_by_channel_and_id_or_by_e_mail() -> None:
    settings = from_file('[handoff]\nblocked = ["Sam@Shop.example ", "messenger:12"]\n')
    assert settings.handoff.blocked == ("sam@shop.example", "messenger:12")
    found = faults({}, b'[handoff]\nblocked = ["sam"]\n[[queues]]\nname = "a"\nundo_seconds = 61\n')
    assert set(found) == {"handoff.blocked[0]", "queues[0].undo_seconds"}


def test_hosts_inside_the_house_are_named_as_anybody_writes_them() -> None:
    settings = from_file('[leaks]\ninternal_hosts = [" Corp.Example. "]\n')
    assert settings.leaks.internal_hosts == ("corp.example",)


def test_what_leaves_and_who_is_called_is_checked() -> None:
    toml = (
        '[replies]\ndefault = "maybe"\n'
        '[leaks]\nlook_for = ["ghosts"]\ninternal_hosts = ["a b"]\npatterns = ["("]\n'
        '[alerts]\nnotify = "everybody"\nlead = "@here"\n'
    )
    found = faults({}, toml.encode())
    assert set(found) == {
        "alerts.notify",
        "leaks.internal_hosts[0]",
        "leaks.look_for[0]",
        "leaks.patterns[0]",
        "replies.default",
    }
    assert found["leaks.patterns[0]"].startswith("is no regular expression: ")


@pytest.mark.parametrize(
    ("env", "missing"),
    [
        ({"BOT_URL": "https://bot.example"}, "BOT_SECRET"),
        ({"BOT_SECRET": WHSEC}, "BOT_URL"),
        ({"SLACK_BOT_TOKEN": "xoxb", "SLACK_SIGNING_SECRET": "s"}, "SLACK_CHANNEL"),
        ({"SLACK_BOT_TOKEN": "xoxb", "SLACK_APP_TOKEN": "xapp-1"}, "SLACK_CHANNEL"),
        ({"SLACK_BOT_TOKEN": "xoxb", "SLACK_CHANNEL": "C1"}, "SLACK_SIGNING_SECRET"),
        ({"SLACK_APP_TOKEN": "xapp-1"}, "SLACK_BOT_TOKEN"),
        ({"SLACK_CHANNEL": "C1"}, "SLACK_BOT_TOKEN"),
        ({"SLACK_SIGNING_SECRET": "s"}, "SLACK_BOT_TOKEN"),
        ({"SLACK_CLIENT_ID": "1"}, "SLACK_CLIENT_SECRET"),
        ({"WEBCHAT_IDENTITY": "required"}, "WEBCHAT_IDENTITY_SECRET"),
        ({"WEBCHAT_IDENTITY": "preferred"}, "WEBCHAT_IDENTITY_SECRET"),
        ({"DATABASE_URL": PG}, "SECRET_KEY"),
        ({"DATABASE_URL": "postgres://x/y"}, "SECRET_KEY"),
    ],
)
def test_what_needs_another_setting_names_it(env: dict[str, str], missing: str) -> None:
    assert list(faults(env)) == [missing]


def test_with_an_app_token_slack_needs_no_signing_secret() -> None:
    env = {"SLACK_BOT_TOKEN": "xoxb", "SLACK_CHANNEL": "C1", "SLACK_APP_TOKEN": "xapp-1"}
    settings = Settings.load({"SECRET_KEY": LONG, **env})
    assert settings.slack_signing_secret is None
    assert (settings.slack_connections, settings.slack_sweep_every) == (2, 60.0)


def test_the_bots_token_is_no_app_token() -> None:
    env = {"SLACK_BOT_TOKEN": "xoxb", "SLACK_CHANNEL": "C1", "SLACK_APP_TOKEN": "xoxb-1"}
    assert "xapp-" in faults(env)["SLACK_APP_TOKEN"]


def test_what_looks_unusual_is_told_with_the_faults_and_refused_by_nobody() -> None:
    env = {"SLACK_BOT_TOKEN": "foo-42", "SLACK_SIGNING_SECRET": "", "SLACK_CHANNEL": "#x-42"}
    with pytest.raises(SettingsError) as caught:
        Settings.load(env)
    assert list(caught.value.faults) == ["SLACK_SIGNING_SECRET"]
    assert list(caught.value.doubts) == ["SLACK_BOT_TOKEN", "SLACK_CHANNEL"]
    assert "42" not in str(caught.value.doubts)
    settings = Settings.load({**env, "SLACK_SIGNING_SECRET": "s"})
    assert list(settings.doubts) == ["SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_CHANNEL"]


def test_a_colour_and_a_message_that_do_not_fit_say_what_would() -> None:
    toml = '[webchat]\ncolor = "red"\n[messages.asigned]\nen = "Hi"\n[messages.zzz]\nen = "Hi"\n'
    told = " ".join(f"{name} {fault}" for name, fault in faults({}, toml).items())
    assert "webchat.color must be #rrggbb" in told
    assert "asigned is no occasion; did you mean assigned?" in told
    assert "zzz is no occasion; there are transfer," in told


@pytest.mark.parametrize(
    ("occasion", "text", "fault"),
    [
        (
            "assigned",
            "Hi {{agentname}}",
            "{{agentname}} is not filled in here; did you mean agentN",
        ),
        ("waiting", "{{eta}}", "{{eta}} is not filled in here; there are agentName, userName, lea"),
        ("position_no_wait", "{{eta}}", "{{eta}} is not filled in here; there are agentName, use"),
        ("assigned", "{{agentName|Ana}}, {{userName}}, {{leaveHint}}", ""),
        ("assigned", r"\{{agentname}}", ""),
        ("position_no_bot", "{{position}}, {{eta}}", ""),
        ("away", "{{opensAt}}", ""),
    ],
)
@pytest.mark.parametrize("queue", ["", '[[queues]]\nname = "billing"\n'])
def test_a_text_names_only_what_is_filled_in(
    occasion: str, text: str, fault: str, queue: str
) -> None:
    section = "queues.messages" if queue else "messages"
    toml = f"{queue}[{section}.{occasion}]\nfr = '{text}'\n"
    if fault:
        assert f"{occasion}.fr: {fault}" in str(faults({}, toml))
    else:
        from_file(toml)  # raises otherwise


def test_all_texts_that_ship_name_only_what_is_filled_in() -> None:
    told = [fault_in(name, text) for name, by in DEFAULTS.items() for text in by.values()]
    assert set(told) == {""}
    for colour in ("", "#2b59d9"):
        assert from_file(f'[webchat]\ncolor = "{colour}"\n').webchat.color == colour


def test_a_conflict_is_found_even_where_another_value_is_wrong() -> None:
    assert set(faults({"BOT_URL": "https://bot.example", "LOG_LEVEL": "loud"})) == {
        "BOT_SECRET",
        "LOG_LEVEL",
    }


@pytest.mark.parametrize(
    ("value", "fits"),
    [
        ("sqlite:////var/lib/desk.db", True),
        (PG, True),
        ("sqlite:///", False),
        ("sqlite:///:memory:", False),
        ("desk.db", False),
    ],
)
def test_the_database_is_a_file_or_postgresql(value: str, fits: bool) -> None:
    env = {"DATABASE_URL": value, "SECRET_KEY": LONG}
    if fits:
        assert Settings.load(env).database_url == value
    else:
        assert list(faults(env)) == ["DATABASE_URL"]


@pytest.mark.parametrize(
    ("given", "spelt"),
    [
        ("https://Shop.Example:443/", "https://shop.example"),
        ("http://shop.example:80", "http://shop.example"),
        ("http://[::1]:3000", "http://[::1]:3000"),
        ("https://a.example, https://b.example:8443", "https://a.example https://b.example:8443"),
    ],
)
def test_origins_are_spelt_as_browsers_do(given: str, spelt: str) -> None:
    settings = Settings.load({"WEBCHAT_ORIGINS": given, "SECRET_KEY": LONG})
    assert " ".join(settings.webchat_origins) == spelt


@pytest.mark.parametrize(
    "given", ["https://a.example/x", "https://u@a.example", "null", "*", "http://a.example:0"]
)
def test_what_is_no_origin_is_refused(given: str) -> None:
    (name,) = faults({"WEBCHAT_ORIGINS": given, "SECRET_KEY": LONG})
    assert name.startswith("WEBCHAT_ORIGINS")


def test_the_own_origin_is_that_of_the_public_url() -> None:
    def own(url: str) -> tuple[str, ...]:
        return Settings.load({"PUBLIC_URL": url, "SECRET_KEY": LONG}).webchat_origins

    assert own("https://desk.example/base") == ("https://desk.example",)
    assert own("http://localhost") == ("http://127.0.0.1", "http://localhost")


def test_keys_rotate_and_each_must_be_long() -> None:
    settings = Settings.load({"SECRET_KEY": f"{LONG}, {'j' * 40}"})
    assert settings.secret_keys == [LONG.encode(), b"j" * 40]
    assert list(faults({"SECRET_KEY": f"{LONG},short"})) == ["SECRET_KEY"]
    assert list(faults({"SECRET_KEY": ","})) == ["SECRET_KEY"]


@pytest.mark.parametrize(
    "secret",
    [
        base64.b64encode(b"x" * 32).decode(),
        "whsec_" + base64.b64encode(b"x" * 23).decode(),
        "whsec_" + base64.b64encode(b"x" * 65).decode(),
        "whsec_a",
    ],
)
def test_a_bot_secret_is_whsec_and_enough_bytes(secret: str) -> None:
    assert list(faults({"BOT_URL": "https://bot.example", "BOT_SECRET": secret})) == ["BOT_SECRET"]


def test_the_bot_of_the_environment_comes_first_and_ids_are_unique() -> None:
    listed = f'[[bots]]\nid = "second"\nurl = "https://b.example"\nsecret = "{WHSEC}"\n'
    both = {"BOT_URL": "https://a.example", "BOT_SECRET": WHSEC}
    settings = from_file(listed, **both)
    assert [bot.id for bot in settings.bots] == ["default", "second"]
    assert [bot.id for bot in from_file(listed).bots] == ["second"]
    twice = listed.replace("second", "default")
    assert list(faults({"SECRET_KEY": LONG, **both}, twice)) == ["bots"]
    assert "bots" in faults({"SECRET_KEY": LONG}, "bots = 3\n")
    nameless = '[[bots]]\nurl = "x"\n'
    assert set(faults({"SECRET_KEY": LONG}, nameless)) == {"bots[0].url", "bots[0].secret"}


def test_an_unknown_key_is_a_fault_with_the_likely_one() -> None:
    found = faults(
        {"SECRET_KEY": LONG},
        'datbase_url = "x"\nlisted_bots = []\n[handof]\na = 1\n[handoff]\npreveiw = 3\n'
        '[messages.transfer]\nen = "x"\n',
    )
    assert found["datbase_url"] == "is not a setting; did you mean database_url?"
    assert found["handof"] == "is not a setting; did you mean handoff?"
    assert found["handoff.preveiw"] == "is not a setting; did you mean preview?"
    assert found["listed_bots"].startswith("is not a setting")


def test_there_is_always_a_default_queue_and_no_two_have_one_name() -> None:
    assert [queue.name for queue in Settings.load({}).queues] == ["default"]
    listed = '[[queues]]\nname = "billing"\nmembers = ["U0ANA"]\nlabels = ["refund"]\n'
    assert [queue.name for queue in from_file(listed).queues] == ["default", "billing"]
    own = listed + '[[queues]]\nname = "default"\nnotify = "@here"\n'
    assert [queue.name for queue in from_file(own).queues] == ["billing", "default"]
    assert faults({}, listed + listed) == {"queues": "two have the same name"}


@pytest.mark.parametrize(
    ("key", "value"),
    [("name", '"Bill ing"'), ("members", '["ana"]'), ("languages", '["fr-CA"]'), ("notify", '"x"')],
)
def test_what_cannot_be_in_a_queue_is_told_by_its_name(key: str, value: str) -> None:
    given = {"name": '"billing"', key: value}
    toml = "[[queues]]\n" + "".join(f"{name} = {said}\n" for name, said in given.items())
    [fault] = faults({}, toml)
    assert fault.startswith(f"queues[0].{key}")


def test_stray_variables_that_are_no_settings_are_not_read() -> None:
    env = {"SECRET_KEY": LONG, "SLACK": "x", "BOTS": "x", "HANDOFF": "x", "slack_channel": "C1"}
    settings = Settings.load(env)
    assert (settings.slack_channel, settings.handoff.preview) == ("", 10)


def test_the_sections_give_what_the_adapters_ask_for() -> None:
    settings = from_file(
        "[slack]\nposts_per_second = 3\n[alerts]\nprivate = true\n"
        "[delivery]\ntimeout = 2\nquarantine = 1\nlease = 6\n"
        '[web]\ntrusted_proxies = "10.0.0.0/8, 192.168.0.1"\n'
        '[messages.transfer]\nen = ""\n[messages.resolved_no_bot]\nfr = "Au revoir"\n'
    )
    assert settings.slack_posts_per_second == 3
    assert settings.alerts_private is True
    assert settings.delivery_timeout == 2
    assert (settings.delivery_quarantine, settings.delivery_lease) == (1, 6)
    assert settings.web.trusted_proxies == ("10.0.0.0/8", "192.168.0.1/32")
    assert settings.messages["resolved_no_bot"] == {"fr": "Au revoir"}


@pytest.mark.parametrize(
    ("given", "allowed"),
    [
        ("true", ("0.0.0.0/0", "::/0")),
        ("false", ()),
        ("['10.1.2.3', 'fd00::/8']", ("10.1.2.3/32", "fd00::/8")),
    ],
)
def test_webhooks_may_go_to_all_private_networks_to_none_or_to_some(
    given: str, allowed: tuple[str, ...]
) -> None:
    settings = from_file(f"[webhooks]\nallow_private = {given}\n")
    assert settings.webhooks.allow_private == allowed


@pytest.mark.parametrize(
    ("database", "folder", "expected"),
    [
        ("sqlite:///x/desk.db", None, "x/desk.db.files"),
        ("sqlite:///x/desk.db", "/srv/files", "/srv/files"),
        ("postgresql://h/d", "/srv/files", "/srv/files"),
        ("postgresql://h/d", None, None),
    ],
)
def test_files_are_beside_the_database_or_where_it_is_said_or_in_it(
    database: str, folder: str | None, expected: str | None
) -> None:
    env = {"DATABASE_URL": database, "SECRET_KEY": "k" * 40, "FILES_DIR": folder or ""}
    found = Settings.load(env).files_folder
    assert found == (Path(expected) if expected else None)


def test_sections_are_checked() -> None:
    found = faults(
        {"SECRET_KEY": LONG},
        "[delivery]\ntimeout = 20\n[web]\ntrusted_proxies = ['x']\n[[strange.deep]]\nx = 1\n",
    )
    assert found["delivery"] == "lease must be at least three times timeout"
    assert "must be an address" in found["web.trusted_proxies[0]"]
    assert found["strange"].startswith("is not a setting")


def test_secrets_do_not_show_when_settings_are_printed() -> None:
    env = {"SECRET_KEY": "v" * 40, "API_KEY": "w" * 40, "DATABASE_URL": PG}
    shown = repr(Settings.load(env)) + str(Settings.load(env))
    assert "vvv" not in shown
    assert "www" not in shown
    assert "hunter2" not in shown


def test_settings_made_directly_have_no_secret() -> None:
    assert Settings().secret_keys == []
