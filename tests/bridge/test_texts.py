"""What users read from the desk itself, and how a long text is cut."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bridge.texts import (
    DEFAULTS,
    NO_BOT,
    SOMEONE,
    Occasion,
    Texts,
    as_it_stands,
    by_language,
    fill,
    places,
    split,
)

LANGUAGES = {"en", "fr", "de", "es"}
VALUES = {
    "agentName": "Ana",
    "userName": "Sam",
    "leaveHint": "/end",
    "opensAt": "today",
    "position": "3",
    "eta": "2 min",
}
MIXED = st.text(
    st.sampled_from("ab .!?\n\r\t。é\u0301\u200d\ufe0f🇫🇷🇩🇪👩👧🏽☎\u20e3\U000e0067\U000e007f한글नि"),
    max_size=120,
)


@pytest.mark.parametrize("name", DEFAULTS)
def test_every_text_is_there_in_every_language(name: str) -> None:
    assert set(DEFAULTS[name]) == LANGUAGES
    assert len({bool(text) for text in DEFAULTS[name].values()}) == 1


@pytest.mark.parametrize("occasion", Occasion)
@pytest.mark.parametrize("bot", [True, False])
def test_every_occasion_has_words_and_leaves_no_place_unfilled(
    occasion: Occasion, bot: bool
) -> None:
    for language in LANGUAGES:
        text = Texts().say(occasion, language, VALUES, bot=bot)
        assert "{{" not in text
        assert text or (occasion is Occasion.TRANSFER and not bot)


def test_no_text_speaks_of_an_assistant_where_there_is_none() -> None:
    for occasion in Occasion:
        assert "assistant" not in Texts().say(occasion, "en", VALUES, bot=False).lower()


def test_every_default_belongs_to_an_occasion() -> None:
    assert {name.removesuffix(NO_BOT) for name in DEFAULTS} == set(Occasion)


def test_the_settings_win_and_may_silence() -> None:
    texts = Texts({"resolved": {"en": "Bye {{userName}}"}, "assigned": {"en": ""}})
    assert texts.say(Occasion.RESOLVED, "en", VALUES) == "Bye Sam"
    assert texts.say(Occasion.RESOLVED, "en", VALUES, bot=False) == "Bye Sam"
    assert texts.say(Occasion.ASSIGNED, "en", VALUES) == ""


def test_a_wording_for_desks_without_a_bot_wins_there_only() -> None:
    texts = Texts({"resolved_no_bot": {"en": "Bye."}, "resolved": {"en": "Back to the bot."}})
    assert texts.say(Occasion.RESOLVED, "en", VALUES, bot=False) == "Bye."
    assert texts.say(Occasion.RESOLVED, "en", VALUES) == "Back to the bot."


def test_an_occasion_without_any_words_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bridge.texts.DEFAULTS", {})
    assert Texts().say(Occasion.RESOLVED, "en", VALUES) == ""


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("fr-CA", "Notre équipe"),
        ("de_AT", "Unser Team"),
        ("ES", "Nuestro equipo"),
        ("sv", "Our team"),
    ],
)
def test_a_language_stands_for_its_countries_and_english_for_the_rest(
    locale: str, text: str
) -> None:
    assert by_language(SOMEONE, locale) == text


def test_the_exact_locale_comes_first_and_the_only_one_is_better_than_none() -> None:
    assert by_language({"fr": "a", "fr-CA": "b"}, "fr-CA") == "b"
    assert by_language({"it": "ciao"}, "en") == "ciao"
    assert by_language({}, "en") == ""


def test_an_unknown_place_stays_to_be_noticed() -> None:
    assert fill("{{ agentName }} and {{nobody}}", VALUES) == "Ana and {{nobody}}"


# --- splitting -----------------------------------------------------------------------------------


@given(text=MIXED, limit=st.integers(8, 60))
@example(text="a" * 30, limit=8)
@example(text="🇫🇷" * 20, limit=9)
@example(text="", limit=8)
def test_the_parts_are_the_text_again_and_none_is_too_long(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert "".join(parts) == text
    assert all(len(part) <= limit for part in parts)
    assert len(parts) == 1 or all(parts)


@pytest.mark.parametrize(
    "grapheme",
    [
        "🇫🇷",
        "👩‍👧",
        "👍🏽",
        "e\u0301",
        "☎\ufe0f",
        "1\ufe0f\u20e3",
        "\r\n",
        "नि",
        "🏴\U000e0067\U000e007f",
    ],
)
@pytest.mark.parametrize("limit", [8, 9, 10, 11])
def test_no_cut_goes_through_what_people_see_as_one(grapheme: str, limit: int) -> None:
    for lead in ("", "a", "ab"):
        for part in split(lead + grapheme * 20, limit):
            assert part.removeprefix(lead).replace(grapheme, "") == ""


def test_a_grapheme_without_end_is_cut_rather_than_sent_too_long() -> None:
    endless = "e" + "\u0301" * 50
    assert "".join(split(endless, 10)) == endless
    assert unicodedata.combining(split(endless, 10)[1][0])


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("one. two. three\n\nfour five", "one. two. three\n\n"),
        ("one two three. four\nfive sixx", "one two three. four\n"),
        ("one two three four. five sixxx", "one two three four. "),
        ("one two three fourr five sixxx", "one two three fourr "),
        (
            "一二三四五六七八九十一二三。一二三四五六七八九十一二三四五",
            "一二三四五六七八九十一二三。",
        ),
        ("Short. aaaaaaaaaaaaaaaaaaaaaaaaa", "Short. aaaaaaaaaaaaaaaaa"),
    ],
)
def test_a_cut_prefers_a_paragraph_then_a_line_a_sentence_a_word(text: str, first: str) -> None:
    assert split(text, 24)[0] == first


def test_a_space_that_carries_an_accent_is_no_place_to_cut() -> None:
    parts = split("aaaaaa \u0301bbbbbbbb", 8)
    assert not any(part.startswith("\u0301") for part in parts)


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("{{a}} {{ b }} {{c}}", "x  {{c}}"),
        ("{{a|no}} {{b|none here }} {{c| you }}", "x none here you"),
        (r"\{{a}} {{a}}", "{{a}} x"),
        ("{{attributes.order-id}}", "7"),
        ("{{a b}} {a} {{}}", "{{a b}} {a} {{}}"),
    ],
)
def test_places_are_filled_or_say_what_stands_there_instead(text: str, filled: str) -> None:
    assert fill(text, {"a": "x", "b": "", "attributes.order-id": "7"}) == filled


@given(st.text(alphabet="{}|a. ", max_size=20))
def test_what_is_to_stand_as_it_is_has_no_places(text: str) -> None:
    assert places(as_it_stands(text)) == []
    assert fill(as_it_stands(text), {"a": "x"}) == text
