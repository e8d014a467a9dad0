"""The settings of e-mail, each with a clear fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.errors import SettingsError
from bridge.policies import policy
from bridge.settings import Settings
from bridge.settings_email import MailServer, mail_server

FROM = '[email]\nfrom = "The Shop <help@shop.example>"\n'
URL = {"SMTP_URL": "smtp://help:p%40ss@mail.example"}
SECRET = {"EMAIL_INBOUND_SECRET": "s" * 32}


def load(folder: Path, toml: str = FROM, **env: str) -> Settings:
    file = folder / "deskbridge.toml"
    file.write_text(toml, "utf-8")
    return Settings.load({"DATABASE_URL": f"sqlite:///{folder}/x.db", **env}, file)


def faults(folder: Path, toml: str = FROM, **env: str) -> dict[str, str]:
    with pytest.raises(SettingsError) as caught:
        load(folder, toml, **env)
    return caught.value.faults


@pytest.mark.parametrize(
    ("url", "server"),
    [
        (URL["SMTP_URL"], MailServer("mail.example", 587, False, True, "help", "p@ss")),
        ("smtps://u:p@mail.example", MailServer("mail.example", 465, True, False, "u", "p")),
        ("smtp://relay:25?tls=off", MailServer("relay", 25, False, False)),
    ],
)
def test_a_url_says_where_mail_is_handed_in(url: str, server: MailServer) -> None:
    assert mail_server(url) == server


@pytest.mark.parametrize(
    "url",
    [
        *("http://mail.example", "smtp:///x", "smtp://h:99999", "smtp://h:0", "smtp://h/x"),
        *("smtp://h?tls=on", "smtps://h?tls=off", "smtp://h#x", "mail.example"),
    ],
)
def test_what_is_no_mail_server_is_a_fault_that_does_not_repeat_it(
    url: str, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=r"must be smtp://|cannot be smtps"):
        mail_server(url)
    assert url not in faults(tmp_path, SMTP_URL=url)["SMTP_URL"]


def test_it_is_off_until_a_mail_server_is_named(tmp_path: Path) -> None:
    assert policy(load(tmp_path, ""), None, {}).mail_after == 0
    on = load(tmp_path, **URL, **SECRET)
    assert policy(on, None, {}).mail_after == 120_000_000
    assert (on.email.address, on.email.answers_to) == ("help@shop.example",) * 2
    other = load(tmp_path, FROM + 'reply_to = "reply@in.shop.example"\n', **URL)
    assert other.email.answers_to == "reply@in.shop.example"


def test_each_fault_has_its_name(tmp_path: Path) -> None:
    assert faults(tmp_path, "", **URL) == {"email.from": "is needed with SMTP_URL"}
    assert faults(tmp_path, **SECRET) == {"SMTP_URL": "is needed with EMAIL_INBOUND_SECRET"}
    for line, name in (
        ('from = "nobody"', "from"),
        ('from = "a\\u0000 <a@b.example>"', "from"),
        ('reply_to = "a+b@c.example"', "reply_to"),
        ("after = 0", "after"),
    ):
        assert f"email.{name}" in faults(tmp_path, f"[email]\n{line}\n")
    assert "did you mean from?" in faults(tmp_path, "[email]\nform = 1\n")["email.form"]


def test_an_address_that_leaves_no_room_for_a_token_is_a_fault_unless_none_is_wanted(
    tmp_path: Path,
) -> None:
    long = FROM + f'reply_to = "{"a" * 19}@shop.example"\n'
    assert "at most 18" in faults(tmp_path, long, **URL, **SECRET)["email.reply_to"]
    assert load(tmp_path, long + "plus = false\n", **URL, **SECRET).email.plus is False
    assert "email" in faults(tmp_path, "email = 1\n", **URL)
