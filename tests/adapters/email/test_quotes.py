"""An answer's own words, as mail programs send them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.email.plain import from_html
from adapters.email.quotes import Own, own

OURS = "help@shop.example"
LINE = "##- Please write your answer above this line -##"

GMAIL = f"""Thank you!

Sam

On Mon, Nov 23, 2026 at 10:00 AM The Shop <{OURS}> wrote:

> {LINE}
>
> Ana:
> It is on its way.
"""
GMAIL_FOLDED = f"""Merci !

Le lun. 23 nov. 2026 à 10:00, The Shop <
{OURS}> a écrit :

> {LINE}
> Ana:
"""
OUTLOOK = f"""Danke!

________________________________
Von: The Shop <{OURS}>
Gesendet: Montag, 23. November 2026 10:00
An: Sam <sam@home.example>
Betreff: Ihr Gespräch mit The Shop

{LINE}

Ana:
It is on its way.
"""
OUTLOOK_OLD = f"""Thanks

-----Original Message-----
From: The Shop <{OURS}>
Sent: Monday

{LINE}
"""
UNMARKED = f"""Yes please

On 23 Nov 2026, at 10:00, The Shop <{OURS}> wrote:
> Ana:
> Shall we?
"""
ELSEWHERE = """Yes please

On 23 Nov 2026, at 10:00, somebody wrote:
> Shall we?
"""
BETWEEN = f"""> Which colour?
Blue.
> Which size?
Small, see {OURS} wrote:
"""
COLON = """These are missing:

> a quote of my own
"""
ABOVE = """I ordered 2 of size 40:
> a quote of my own
"""
SIGNED = "Call me\n-- \nSam Rivera\n+1 555 0100\n"
DASHES = "one\n--\ntwo\n" + "more\n" * 20


@pytest.mark.parametrize(
    ("mail", "words"),
    [
        (GMAIL, Own("Thank you!\n\nSam")),
        (GMAIL.replace("\n", "\r\n"), Own("Thank you!\n\nSam")),
        (GMAIL_FOLDED, Own("Merci !")),
        (OUTLOOK, Own("Danke!")),
        (OUTLOOK_OLD, Own("Thanks")),
        (UNMARKED, Own("Yes please")),
        (ELSEWHERE, Own("Yes please")),
        (BETWEEN, Own(BETWEEN.strip())),
        (ABOVE, Own("I ordered 2 of size 40:")),
        (COLON, Own("These are missing:")),
        (SIGNED, Own("Call me", more=True)),
        ("Hello\n-- \n", Own("Hello")),
        (DASHES, Own(DASHES.strip())),
        ("> only a quote", Own("> only a quote")),
        (f"{LINE}\nbelow", Own(f"{LINE}\nbelow")),
        ("--\r1", Own("--\n1")),  # nothing would be left
        ("", Own("")),
    ],
)
def test_the_words_of_who_answers_are_left(mail: str, words: Own) -> None:
    assert own(mail, OURS) == words


@given(st.text(st.sampled_from(">-: \n\r#ax1@\u2028"), max_size=200))
def test_nothing_is_made_up_and_nothing_fails(mail: str) -> None:
    said = own(mail, OURS).text
    assert bool(said) == bool(mail.strip())
    lines = {line.strip() for line in mail.replace("\r", "\n").split("\n")}
    assert {line.strip() for line in said.split("\n")} <= lines | {""}


def test_html_becomes_words_with_quotes_marked() -> None:
    html = (
        "<html><head><title>x</title><style>p{}</style></head><body><p>Hello&nbsp;<b>you</b></p>"
        "<div>two<br>lines</div><script>1</script></div>"
        "<blockquote><p>quoted</p></blockquote></blockquote>after &lt;all&gt;"
    )
    words = [line for line in from_html(html).split("\n") if line.strip("> ")]
    assert words == ["Hello you", "two", "lines", "> quoted", "after <all>"]


@given(st.text(st.sampled_from("<>/&;!-=\"' ablockquotedivp\n"), max_size=200))
def test_whatever_calls_itself_html_is_read(html: str) -> None:
    assert isinstance(from_html(html), str)


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<p title='a>b'>one<br/>two</p>", "one\ntwo"),
        ("1 < 2 <3 you <p", "1 < 2 <3 you <p"),
        ("a<!-- <p>b</p> -->c<![if !mso]>d<![endif]><!doctype x></3>e", "acde"),
        ("a<!-- b", "a"),
        ("<script>if (a<b) x = '<style>'</script>b", "b"),
        ("<head><title>x<body>words", "words"),
        ('<a b="c>d', "d"),
        (f"&amp;lt; &#{'1' * 5_000}; &#x20ac;", f"&lt; \ufffd{'1' * 4_968}; €"),
    ],
)
def test_what_is_no_tag_stays(html: str, words: str) -> None:
    assert from_html(html) == words


@pytest.mark.parametrize("piece", ["<p ", '<a b="', "<!", "<?", "</", "<!--", "<![", "a<b>", "&#"])
def test_html_that_would_hold_up_a_parser_is_read_like_any_other(piece: str) -> None:
    """The library's own takes minutes for the first of them, and holds up the whole process."""
    assert isinstance(from_html(piece * 30_000), str)
