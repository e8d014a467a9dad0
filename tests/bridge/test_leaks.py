"""What must not leave by mistake is seen; what agents write all day is not."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import leaks
from bridge.leaks import INTERNAL_HOSTS, NO_GUARD, OTHER, Guard, Leak

LINKS = r"https?://[^\s]+/archives/[CDG][A-Z0-9]+"
GUARD = Guard(links=LINKS, own=("shop.local",))

FOUND = {
    "4111 1111 1111 1111": Leak.CARD_NUMBER,
    "4111-1111-1111-1111": Leak.CARD_NUMBER,
    "it is 5500005555555559.": Leak.CARD_NUMBER,
    "4111 1111 1111 1111 12/27 123": Leak.CARD_NUMBER,
    "378282246310005": Leak.CARD_NUMBER,
    "DE89 3704 0044 0532 0130 00": Leak.IBAN,
    "GB82WEST12345698765432 NOW": Leak.IBAN,
    "-----BEGIN OPENSSH PRIVATE KEY-----": Leak.PRIVATE_KEY,
    "-----BEGIN PGP PRIVATE KEY BLOCK-----": Leak.PRIVATE_KEY,
    "sk_live_4eC39HqLyjWDarjtT1zdp7dc": Leak.API_KEY,
    "xoxb-17653672481-19874698323": Leak.API_KEY,
    "ghp_16C7e42F292c6912E7710c838347Ae178B4a": Leak.API_KEY,
    "AKIAIOSFODNN7EXAMPLE": Leak.API_KEY,
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N": Leak.API_KEY,
    "https://hooks.slack.com/services/T0/B0/XX": Leak.API_KEY,
    "Authorization: Bearer abcdefghijklmnopqrstuvwxyz": Leak.API_KEY,
    'client_secret = "abcdefghijklmnop"': Leak.API_KEY,
    "password: hunter2": Leak.PASSWORD,
    "Passwort ist Sommer2026!": Leak.PASSWORD,
    "mot de passe : soleil99": Leak.PASSWORD,
    "https://sam:s3cret@db.example/": Leak.PASSWORD,
    "https://wiki.corp/returns": Leak.INTERNAL_LINK,
    "see build.acme.internal": Leak.INTERNAL_LINK,
    "http://localhost:9000/admin": Leak.INTERNAL_LINK,
    "https://desk.example/archives/C06DESK/p1763700000000100": Leak.INTERNAL_LINK,
}
FINE = (
    "",
    "Your order 1009 leaves today",
    "Parcel 00340434161094042557",
    "4111 1111 1111 1112",
    "0000 0000 0000 0000",
    "2222222222222222",
    "Call +44 20 7946 0958 or 0800 123 456",
    "DE88 3704 0044 0532 0130 00",
    "AB12 ORDERNUMBER",
    "Your password is reset",
    "The password is on its way",
    "Choose a password of eight characters",
    "https://shop.example/orders/1009?tab=2",
    "https://shop.local/orders",
    "It is in the file notes.txt, chapter 3.2",
    "The corp is closed on Monday",
    "sk_live",
    "A token of our thanks",
)


@pytest.mark.parametrize(("text", "kind"), FOUND.items())
def test_what_is_secret_is_found(text: str, kind: Leak) -> None:
    assert GUARD.find(text) == (str(kind),)
    assert GUARD.find(f"Please use\n{text}\nuntil Monday") == (str(kind),)


@pytest.mark.parametrize("text", FINE)
def test_what_agents_write_all_day_is_not(text: str) -> None:
    assert GUARD.find(text) == ()


def test_all_that_is_found_is_told_in_the_same_order() -> None:
    text = "https://wiki.corp/x password: hunter2 and 4111111111111111"
    assert GUARD.find(text) == ("password", "card_number", "internal_link")


def test_only_what_is_looked_for_is_found() -> None:
    text = "password: hunter2, 4111111111111111"
    assert Guard(look_for=(Leak.CARD_NUMBER,)).find(text) == ("card_number",)
    assert NO_GUARD.find(text) == ()


def test_a_desk_has_patterns_and_hosts_of_its_own() -> None:
    guard = Guard(hosts=(*INTERNAL_HOSTS, "acme.example"), patterns=(r"project\s+heron",))
    assert guard.find("It is called Project Heron") == (OTHER,)
    assert guard.find("https://git.acme.example/x") == ("internal_link",)
    assert guard.find("https://acme.example.org/x") == ()


@given(st.text("0123456789", min_size=15, max_size=15))
def test_of_ten_numbers_that_differ_in_the_last_digit_one_may_be_a_cards(number: str) -> None:
    found = [digit for digit in "0123456789" if GUARD.find(f"4{number[1:]}{digit}")]
    assert len(found) <= 1 or len(set(number)) == 1


@given(st.text())
def test_any_text_can_be_looked_at(text: str) -> None:
    assert set(GUARD.find(text)) <= {str(kind) for kind in Leak}


def test_the_examples_in_the_docstrings_are_true() -> None:
    assert doctest.testmod(leaks).failed == 0
