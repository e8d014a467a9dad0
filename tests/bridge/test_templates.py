"""Ready-made answers: how they are filled, found and asked for, and what the settings may say."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.slack import markdown
from bridge import templates
from bridge.model import Contact, Handoff
from bridge.settings_templates import TemplateSettings
from bridge.templates import Macro, Template, Templates
from bridge.texts import fill
from bridge.words import Said, Sense
from tests.adapters.slack.things import contact, conversation, handoff

HELLO = Template("hello", {"en": "Hi {{userFirstName|there}}!", "fr": "Bonjour {{ userName }} !"})
SENT = Template("Sent", {"en": "{{attributes.order.id}}, {{attributes.eta}}, {{userEmail}}"})
READY = Templates("!", (HELLO, SENT), (Macro("spam", ("label spam", "resolve silent")),))
COLON = Templates(":", READY.shortcuts)


def known(who: Contact | None = None, of: Handoff | None = None) -> dict[str, str]:
    return templates.values(who or contact(), of, "Ana")


# --- filling -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("locale", "name", "text"),
    [("en-GB", "Sam Rivera", "Hi Sam!"), ("fr-CA", "Sam Rivera", "Bonjour Sam Rivera !"),
     ("ja", "Sam", "Hi Sam!"), ("en", "", "Hi there!")],
)  # fmt: skip
def test_a_text_is_filled_in_the_customers_language(locale: str, name: str, text: str) -> None:
    assert HELLO.filled(locale, known(contact(name=name))) == (text, ())


def test_what_is_not_known_is_told_and_stays_to_be_seen() -> None:
    who = contact(email="sam@x.example", attributes={"order": {"id": 1009, "paid": True}})
    text, missing = SENT.filled("en", known(who))
    assert text == "1009, {{attributes.eta}}, sam@x.example"
    assert missing == ("attributes.eta",)
    assert HELLO.filled("fr", known(contact(name=" "))) == (
        "Bonjour {{ userName }} !",
        ("userName",),
    )


def test_what_is_neither_text_nor_number_has_no_words() -> None:
    given_ = known(contact(attributes={"a": [1], "b": None, "c": False, "d": {}, "e": ""}))
    assert not any(name.startswith("attributes.") for name in given_)


def test_nothing_that_is_filled_in_is_read_as_markup() -> None:
    who = contact(name="*Sam*\n[x](y) _a_ b_c `d` ~~e~~ <f> \\")
    assert known(who)["userName"] == r"\*Sam\* \[x\](y) \_a\_ b_c \`d\` \~~e\~~ \<f> \\"
    assert known(of=handoff())["handoffNumber"] == "42"
    assert "handoffNumber" not in known(of=handoff(number=0))


@given(st.text("#*_-+=>1.)(&;ab~`[]!<\\ x", min_size=1, max_size=12), st.sampled_from(["", "is"]))
@example("12. May", "is your day")
@example("&lt;!channel&gt;", "")
@example("# Sam", "")
def test_a_customer_reads_what_is_known_of_them_letter_by_letter(name: str, rest: str) -> None:
    values = known(contact(name=name))
    if "userName" in values:
        shown = markdown.plain(fill(f"Hello\n{{{{userName}}}} {rest}", values))
        assert " ".join(shown.split()) == " ".join(f"Hello {name} {rest}".split())


def test_the_language_is_the_conversations_else_the_users() -> None:
    talk = conversation(locale="de")
    assert templates.language_of(contact(), talk) == "de"
    assert templates.language_of(contact(), conversation()) == "en-GB"
    assert templates.language_of(contact(locale=""), conversation()) == "en"


# --- asking --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ready", "text", "sense", "left"),
    [
        (READY, "!hello", Sense.VERB, "hello"),
        (READY, "  !HELLO ", Sense.VERB, "hello"),
        (READY, "！sent", Sense.VERB, "Sent"),
        (READY, "> !spam", Sense.VERB, "spam"),
        (READY, "!t hello", Sense.VERB, "hello"),
        (READY, "!template", Sense.VERB, ""),
        (READY, "!hello Sam", Sense.UNKNOWN, "!hello Sam"),
        (READY, "!helo", Sense.UNKNOWN, "!helo"),
        (READY, "! hello", Sense.UNKNOWN, "! hello"),
        (READY, "!n hello", Sense.NOTE, "hello"),
        (READY, "hello", Sense.REPLY, "hello"),
        (COLON, ":hello", Sense.VERB, "hello"),
        (COLON, ":hello:", Sense.REPLY, ":hello:"),
        (COLON, ":hello you", Sense.REPLY, ":hello you"),
        (COLON, ":wave:", Sense.REPLY, ":wave:"),
        (COLON, "!t hello", Sense.VERB, "hello"),
        (COLON, "!hello", Sense.UNKNOWN, "!hello"),
        (COLON, "", Sense.REPLY, ""),
    ],
)
def test_a_name_alone_behind_the_trigger_asks_for_it(
    ready: Templates, text: str, sense: Sense, left: str
) -> None:
    said = ready.read(text)
    assert (said.sense, said.text) == (sense, left)
    assert sense is not Sense.VERB or said == Said(Sense.VERB, left, "template")


@given(st.text(alphabet="!！:;/nrt helo-\n\u200b>", max_size=12))
def test_templates_make_no_note_a_reply_and_no_reply_of_what_is_held(text: str) -> None:
    plain = Templates().read(text)
    for ready in (READY, COLON):
        said = ready.read(text)
        assert said == plain or (said.verb == "template" and plain.sense is not Sense.NOTE)
        if said != plain or (plain.sense in (Sense.VERB, Sense.UNKNOWN) and "!" in text):
            assert ready.may_be_in(text)


def test_only_what_may_hold_a_word_is_looked_at_twice() -> None:
    assert [READY.may_be_in(text) for text in ("hello", "he: llo", "hi!", "hi！")] == [
        False, False, True, True,
    ]  # fmt: skip
    assert COLON.may_be_in("a:b")
    assert not Templates(":").may_be_in("a:b")


def test_those_that_are_near_are_named() -> None:
    assert READY.near("helo") == ("hello",)
    assert READY.near("zebra") == ()
    assert READY.near_word("!helo Sam") == ("!hello", "!help")
    assert READY.near_word("> !resolv done") == ("!resolve",)
    assert COLON.near_word("!hallo") == (":hello",)
    assert COLON.near_word("!") == ()


# --- what the settings may say -------------------------------------------------------------------


def checked(**given_: Any) -> TemplateSettings:
    return TemplateSettings.model_validate(given_)


def named(*names: str, value: Any = "Hi") -> list[dict[str, Any]]:
    return [{"name": name, "value": value} for name in names]


def does(*steps: str) -> list[dict[str, Any]]:
    return [{"name": "m", "do": list(steps)}]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"shortcuts": named("Resolve")}, "shortcuts[0].name: Resolve is a command"),
        ({"shortcuts": named("hi", "t")}, "shortcuts[1].name: t is a command"),
        ({"shortcuts": named("hi", "HI")}, "shortcuts[1].name: there are two HI"),
        ({"shortcuts": named("m"), "macros": does("wake")}, "macros[0].name: there are two m"),
        ({"macros": does("wake", "resolv")},
         "macros[0].do[1]: resolv is no command; did you mean resolve?"),
        ({"macros": does("dance")}, "macros[0].do[0]: dance is no command"),
        ({"macros": does("help")}, "macros[0].do[0]: help does nothing to a conversation"),
        ({"shortcuts": named("hello"), "macros": does("t helo")},
         "macros[0].do[0]: there is no template of that name; did you mean hello?"),
        ({"macros": does("t m")}, "macros[0].do[0]: there is no template of that name"),
        ({"shortcuts": named("hi", value="{{userNam}}")}, "did you mean userName?"),
        ({"shortcuts": named("hi", value={"fr": "{{eta}}"})}, "fr: {{eta}} is nothing that can be"),
        ({"shortcuts": named("hi", value={})}, "must be a text, or a text for each language"),
        ({"shortcuts": named("hi", value=7)}, "must be a text, or a text for each language"),
        ({"shortcuts": named("hi", value=" ")}, "must be a text, or a text for each language"),
        ({"shortcuts": named("hi", value="x" * 10_001)}, "at most 10,000 characters"),
        ({"shortcuts": named("a b")}, "shortcuts.0.name\n  Value error, must be one word"),
        ({"macros": does()}, "macros.0.do\n  Value error, must have one command at least"),
        ({"macros": does("note a\nb")}, "macros.0.do.0\n  Value error, must be one line"),
        ({"trigger": "ab"}, "trigger\n  Value error, must be one punctuation mark"),
        ({"trigger": "/"}, "behind which Slack looks for its own commands"),
    ],
)  # fmt: skip
def test_bad_ones_are_refused_with_their_place(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - pydantic's, which names the place
        checked(**settings)
    assert said in str(refused.value)


def test_good_ones_are_templates() -> None:
    made = checked(
        trigger=":",
        shortcuts=[*named("help", value="{{userName}} \\{{x}}"), *named("hi", value={"de": "Ja"})],
        macros=does("n seen", "T Help", "!resolve silent: spam"),
    ).made()
    assert made.all == (
        Template("help", {"en": "{{userName}} \\{{x}}"}),
        Template("hi", {"de": "Ja"}),
        Macro("m", ("n seen", "T Help", "!resolve silent: spam")),
    )
    assert made.shortcuts[0].filled("en", {"userName": "Sam"}) == ("Sam {{x}}", ())
    assert (made.template("HELP"), made.macro("nobody")) == (made.shortcuts[0], None)
    assert bool(made)
    assert not checked().made()
