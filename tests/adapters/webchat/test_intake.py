"""What requests carry: cut where it names a person, refused where they speak, named when wrong."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from adapters.webchat import intake
from bridge.errors import BadRequest


def body(**values: Any) -> bytes:
    return orjson.dumps(values)


def refusal(function: Any, *arguments: Any) -> BadRequest:
    with pytest.raises(BadRequest) as caught:
        function(*arguments)
    return caught.value


def test_a_message_is_read_and_cleaned() -> None:
    said = intake.read_message(b'{"client_id":"a\\u0000","text":"x\\u0000y\\ud800","payload":"p"}')
    assert (said.client_id, said.text, said.payload) == ("a\ufffd", "x\ufffdy\ufffd", "p")


def test_the_same_words_have_the_same_digest_and_others_another() -> None:
    def digest(**values: Any) -> str:
        return intake.read_message(body(client_id="c", **values)).digest

    assert digest(text="a") == digest(text="a", payload="", unknown=1)
    assert len({digest(text="a"), digest(text="b"), digest(text="a", payload="p")}) == 3


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"text": "x"}, "client_id"),
        ({"client_id": "", "text": "x"}, "client_id"),
        ({"client_id": 7, "text": "x"}, "client_id"),
        ({"client_id": "c" * 101, "text": "x"}, "client_id"),
        ({"client_id": "c"}, "text"),
        ({"client_id": "c", "text": 7}, "text"),
        ({"client_id": "c", "text": " \n"}, "text"),
        ({"client_id": "c", "text": "x", "payload": 7}, "payload"),
        ({"client_id": "c", "text": "x", "payload": "p" * 1_001}, "payload"),
    ],
)
def test_a_message_that_does_not_fit_names_its_field(values: dict[str, Any], field: str) -> None:
    fault = refusal(intake.read_message, orjson.dumps(values))
    assert (fault.status, list(fault.fields)) == (422, [field])


def test_ten_thousand_characters_are_a_message_and_one_more_is_not() -> None:
    assert len(intake.read_message(body(client_id="c", text="🙂" * 10_000)).text) == 10_000
    fault = refusal(intake.read_message, body(client_id="c", text="x" * 10_001))
    assert (fault.status, fault.fields) == (413, {"text": "is too long"})


def test_of_a_session_what_is_no_use_is_left_out() -> None:
    hello = intake.read_hello(
        body(
            visitor="v" * 40_000,
            locale="klingon!",
            page={"url": "https://u:p@shop.example/a b?q=é#part", "title": "t" * 300},
            more=1,
        )
    )
    assert (hello.visitor, hello.identity) == ("", "")
    assert hello.told["locale"] == ""
    assert hello.told["page_url"] == "https://shop.example/a%20b?q=%C3%A9"
    assert len(hello.told["page_title"]) == 200
    assert hello.told["attributes"] == {}


@pytest.mark.parametrize("url", ["javascript:alert(1)", "http://[", "", "/relative"])
def test_a_page_that_is_none_is_left_out(url: str) -> None:
    assert intake.read_hello(body(page={"url": url})).told["page_url"] == ""


@pytest.mark.parametrize(
    ("zone", "kept"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("Mars/Base", ""),
        ("../../etc/passwd", ""),
        ("Europe", ""),
        ("x" * 9_000, ""),
        ("a\0b", ""),
        (None, ""),
    ],
)
def test_a_time_zone_is_kept_if_there_is_one(zone: str | None, kept: str) -> None:
    told = intake.read_hello(body(time_zone=zone), "Gecko Firefox/130.0").told
    assert (told["time_zone"], told["device"]) == (kept, "Firefox")


@pytest.mark.parametrize("locale", ["en", "de-AT", "zh-Hant-TW", "pt_BR"])
def test_a_locale_is_kept(locale: str) -> None:
    assert intake.read_hello(body(locale=locale)).told["locale"] == locale


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"page": 7}, "page"),
        ({"page": {"url": 7}}, "page.url"),
        ({"page": {"title": []}}, "page.title"),
        ({"visitor": 7}, "visitor"),
        ({"identity": {}}, "identity"),
        ({"locale": 1}, "locale"),
        ({"time_zone": 1}, "time_zone"),
        ({"attributes": []}, "attributes"),
        ({"attributes": {"a": "x" * 2_048}}, "attributes"),
    ],
)
def test_a_session_that_does_not_fit_names_its_field(values: dict[str, Any], field: str) -> None:
    fault = refusal(intake.read_hello, orjson.dumps(values))
    assert (fault.status, list(fault.fields)) == (422, [field])


def test_a_number_that_cannot_be_kept_is_refused() -> None:
    huge = b'{"attributes":{"a":99999999999999999999999,"b":"\\ud800"}}'
    assert refusal(intake.read_hello, huge).status == 422


def test_of_the_sites_claims_what_does_not_fit_is_left_out() -> None:
    told = intake.told_by_site(
        {
            "name": "n" * 300,
            "email": 7,
            "picture": "https://x.example/me.png",
            "locale": "nonsense!",
        }
    )
    assert told == {"name": "n" * 200, "avatar_url": "https://x.example/me.png"}
    assert intake.told_by_site({"avatar_url": "http://x.example/me.png", "locale": "fr"}) == {
        "locale": "fr"
    }
    assert intake.told_by_site({"avatar_url": "https://x.example/é"}) == {}
    assert intake.site_attributes({}) == {}
    assert intake.site_attributes({"attributes": {"a": 1}}) == {"a": 1}


@pytest.mark.parametrize("value", [-1, 1.5, True, "1", None, 2**53])
def test_a_place_is_a_whole_number(value: Any) -> None:
    assert list(refusal(intake.read_whole, body(seq=value), "seq").fields) == ["seq"]
    assert intake.read_whole(body(seq=0), "seq") == 0


@pytest.mark.parametrize("value", [1, "true", None])
def test_a_flag_is_true_or_false(value: Any) -> None:
    assert list(refusal(intake.read_flag, body(on=value), "on").fields) == ["on"]
    assert intake.read_flag(body(on=True), "on") is True


@pytest.mark.parametrize("email", ["", "sam", "sam@example", "a b@c.org", "<x@y.org>", "@y.org", 7])
def test_what_is_no_e_mail_is_refused(email: object) -> None:
    fault = refusal(intake.read_email, orjson.dumps({"email": email}))
    assert (fault.status, list(fault.fields)) == (422, ["email"])
    assert intake.read_email(b'{"email": " sam@mail.example.org "}') == "sam@mail.example.org"
