"""What customers write of themselves that is nobody's business: numbers of cards, accounts and
persons, and how they are reached. Pure.

Cards and IBANs are those of the guard (`bridge.leaks`). Numbers of persons are checked by their
check digits where they have such: the French NIR (97 less its remainder), the German tax number
(ISO 7064, modulus 11,10), the Spanish DNI and NIE (a letter by the remainder to 23), the Swiss and
the Austrian insurance numbers, the Belgian register number, and the Irish PPS. The
American and the British ones have none: their form, and what is never given out, must do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import StrEnum

from bridge.leaks import has_card, has_iban


class Sensitive(StrEnum):
    """`[[triggers]] look_for` names some of them."""

    CARD_NUMBER = "card_number"
    IBAN = "iban"
    NATIONAL_ID = "national_id"
    EMAIL = "email"
    PHONE = "phone"


NAMES: Mapping[Sensitive, str] = {
    Sensitive.CARD_NUMBER: "a card number",
    Sensitive.IBAN: "an IBAN",
    Sensitive.NATIONAL_ID: "a national id",
    Sensitive.EMAIL: "an e-mail address",
    Sensitive.PHONE: "a phone number",
}
SECRET = (Sensitive.CARD_NUMBER, Sensitive.IBAN, Sensitive.NATIONAL_ID)
"""What is not repeated anywhere."""


def find(text: str, kinds: tuple[Sensitive, ...] = tuple(Sensitive)) -> list[Sensitive]:
    """Which of these kinds are in it, never what.

    >>> find("mi DNI es 12345678Z")
    [<Sensitive.NATIONAL_ID: 'national_id'>]
    """
    return [kind for kind in Sensitive if kind in kinds and _CHECKS[kind](text)]


# --- numbers of persons --------------------------------------------------------------------------


def _nir(number: str) -> bool:
    """Corsica's departments 2A and 2B count as 19 and 18."""
    digits = number.upper().replace("2A", "19", 1).replace("2B", "18", 1)
    return digits.isdigit() and int(digits[:13]) % 97 == 97 - int(digits[13:])


def _tax_number(number: str) -> bool:
    """One digit of the first ten is there twice or thrice, none of the others more than once."""
    counts = sorted(number[:10].count(digit) for digit in set(number[:10]))
    if counts[-1] not in (2, 3) or (len(counts) > 1 and counts[-2] > 1):
        return False
    product = 10
    for digit in number[:10]:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return (11 - product) % 10 == int(number[10])


def _dni(number: str) -> bool:
    """A foreigner's begins with X, Y or Z, which count as 0, 1 and 2."""
    digits = number[:-1].translate(str.maketrans("XYZ", "012"))
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(digits) % 23] == number[-1]


def _ahv(number: str) -> bool:
    """As an EAN-13."""
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(number[:12]))
    return -total % 10 == int(number[12])


def _austrian(number: str) -> bool:
    weights = (3, 7, 9, 0, 5, 8, 4, 2, 1, 6)
    total = sum(int(digit) * weight for digit, weight in zip(number, weights, strict=True))
    return total % 11 == int(number[3])


def _belgian(number: str) -> bool:
    """Who was born from 2000 on has a 2 before it."""
    check = int(number[9:])
    return check in {97 - int(number[:9]) % 97, 97 - int(f"2{number[:9]}") % 97}


def _pps(number: str) -> bool:
    """A second letter, where there is one, counts nine times its place in the alphabet."""
    digits, letter, second = number[:7], number[7], number[8:]
    total = sum(int(digit) * weight for digit, weight in zip(digits, range(8, 1, -1), strict=True))
    total += sum(9 * (ord(each) - ord("@")) for each in second if each != "W")
    return "WABCDEFGHIJKLMNOPQRSTUV"[total % 23] == letter


def _always(_number: str) -> bool:
    return True


_Check = Callable[[str], bool]
_PERSONS: tuple[tuple[re.Pattern[str], _Check], ...] = tuple(
    (re.compile(rf"(?<![\w.-]){form}(?![\w-])", re.ASCII | re.IGNORECASE), check)
    for form, check in (
        (
            r"[12][ .]?\d\d[ .]?(?:0[1-9]|[1-9]\d)[ .]?(?:\d\d|2[AB])(?:[ .]?\d{3}){2}[ .]?\d\d",
            _nir,
        ),
        (r"[1-9]\d[ ]?\d{3}[ ]?\d{3}[ ]?\d{3}", _tax_number),
        (r"\d{8}[ -]?[A-Z]|[XYZ][ -]?\d{7}[ -]?[A-Z]", _dni),
        (r"756[. ]?\d{4}[. ]?\d{4}[. ]?\d\d", _ahv),
        (r"[1-9]\d{3} (?:[012]\d|3[01])(?:0\d|1[0-2])\d\d", _austrian),
        (r"\d\d\.[0-5]\d\.[0-3]\d-\d{3}\.\d\d", _belgian),
        (r"\d{7}[A-W][A-IW]?", _pps),
        (r"(?!000|666|9)\d{3}-(?!00)\d\d-(?!0000)\d{4}", _always),
        (
            r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z](?: ?\d\d){3} ?[A-D]",
            _always,
        ),
    )
)


def _has_person(text: str) -> bool:
    return any(
        check(re.sub(r"[^0-9A-Z]", "", found[0].upper()))
        for form, check in _PERSONS
        for found in form.finditer(text)
    )


# --- how they are reached ------------------------------------------------------------------------

_EMAIL = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64}@(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}\b", re.IGNORECASE
)
_PHONE = re.compile(
    r"(?<![\w.,/+-])(?<!\d[ ])(?:"
    r"(?:\+|00)[1-9](?:[ .()/-]{0,2}\d){7,12}"  # with its country
    r"|\(\d{3}\)[ ]?\d{3}[ -]\d{4}|\d{3}[-.]\d{3}[-.]\d{4}"  # American
    r"|0[1-9](?:[ ./-]?\d){7,10}"  # national, of most of Europe
    r"|[6-9]\d\d(?: \d{3}){2}|[6-9]\d\d(?: \d\d){3}"  # Spanish
    r")(?![\w/-]|[., ]\d)",
    re.ASCII,
)
_DATE = re.compile(r"0[1-9]|[12]\d|3[01]")


def _has_phone(text: str) -> bool:
    return any(not (_is_date(found[0]) or _has_person(found[0])) for found in _PHONE.finditer(text))


def _is_date(text: str) -> bool:
    """`02.11.2026 10:30` looks like one, too."""
    parts = re.split(r"[ ./-]", text)
    return len(parts) > 2 and bool(_DATE.fullmatch(parts[0])) and parts[2][:2] in ("19", "20")  # noqa: PLR2004


def _has_email(text: str) -> bool:
    return _EMAIL.search(text) is not None


_CHECKS: Mapping[Sensitive, _Check] = {
    Sensitive.CARD_NUMBER: has_card,
    Sensitive.IBAN: has_iban,
    Sensitive.NATIONAL_ID: _has_person,
    Sensitive.EMAIL: _has_email,
    Sensitive.PHONE: _has_phone,
}
