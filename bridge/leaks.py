"""What must not leave by mistake: secrets, personal numbers, and addresses inside the house. Pure.

A finding stops nothing for good: the message is held and somebody is asked. So a rule may err a
little to the inside, but not in what agents write all day (order numbers, telephone numbers, links
to the shop). A finding is a code of what was found and never the thing itself.

Numbers are checked, not only matched: a card's by Luhn (ISO/IEC 7812-1), an IBAN's by its remainder
to 97 (ISO 13616). Prefixes of keys are those that their makers publish for secret scanning.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bridge.patterns import Patience, Pattern, made


class Leak(StrEnum):
    """The kinds that the guard knows; `[leaks] look_for` names some of them."""

    PRIVATE_KEY = "private_key"
    API_KEY = "api_key"
    PASSWORD = "password"  # noqa: S105 - the name of a kind
    CARD_NUMBER = "card_number"
    IBAN = "iban"
    INTERNAL_LINK = "internal_link"


EVERYTHING = tuple(Leak)
INTERNAL_HOSTS = ("internal", "intranet", "corp", "local", "lan", "localhost")
"""Ends of host names that lead nowhere outside; `.internal` and `.local` are reserved for it."""
OTHER = "other"
"""The code of what a pattern of the settings found."""
UNCHECKED = "unchecked."
"""Before the number of a pattern of the settings that took too long."""


@dataclass(frozen=True, slots=True)
class Guard:
    """What is looked for. `hosts` are host names or ends of them, `own` those that customers see
    anyway; `links` and `patterns` are regular expressions, the first of addresses inside the
    desk's own network."""

    look_for: tuple[Leak, ...] = EVERYTHING
    hosts: tuple[str, ...] = INTERNAL_HOSTS
    own: tuple[str, ...] = ()
    links: str = ""
    patterns: tuple[str, ...] = ()
    _compiled: tuple[Pattern, ...] = field(init=False, repr=False, compare=False)
    _links: re.Pattern[str] | None = field(init=False, repr=False, compare=False)
    _checks: tuple[tuple[str, Has], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Raises regex.error for what is no regular expression."""
        compiled = tuple(map(made, self.patterns))
        object.__setattr__(self, "_compiled", compiled)
        object.__setattr__(self, "_links", re.compile(self.links) if self.links else None)
        checks = (*_CHECKS.items(), (Leak.INTERNAL_LINK, self._leads_inside))
        wanted = tuple((str(kind), has) for kind, has in checks if kind in self.look_for)
        object.__setattr__(self, "_checks", wanted)

    def find(self, text: str) -> tuple[str, ...]:
        """The kinds of what was found, in the order of `Leak`, and what could not be looked for.

        >>> Guard().find("Use 4111 1111 1111 1111 until Monday")
        ('card_number',)
        """
        found = tuple([kind for kind, has in self._checks if has(text)])
        return (*found, *self._by_patterns(text, Patience())) if self._compiled else found

    def _by_patterns(self, text: str, patience: Patience) -> Iterator[str]:
        """Once is enough; what took too long may be there."""
        unchecked: list[str] = []
        for n, pattern in enumerate(self._compiled, 1):
            try:
                if patience.finds(pattern, text):
                    yield OTHER
                    return
            except TimeoutError:
                unchecked.append(f"{UNCHECKED}{n}")
        yield from unchecked

    def _leads_inside(self, text: str) -> bool:
        if self._links and self._links.search(text):
            return True
        if not _MAYBE_HOST.search(text):
            return False
        hosts = {(found[1] or found[2]).rstrip(".").casefold() for found in _HOST.finditer(text)}
        return any(_is_below(host, self.hosts) for host in hosts.difference(self.own))


_PRIVATE_KEY = re.compile(r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----")
_API_KEY = re.compile(
    r"(?<![A-Za-z0-9_])(?:"
    r"(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,}"
    r"|sk-(?:ant-|proj-|or-)?[A-Za-z0-9_-]{20,}"
    r"|xox[abeoprs]-[A-Za-z0-9-]{8,}|xapp-[A-Za-z0-9-]{10,}|xwfp-[A-Za-z0-9-]{10,}"
    r"|gh[opsur]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{15,}"
    r"|A(?:KIA|SIA)[A-Z0-9]{16}|AIza[A-Za-z0-9_-]{30,}|ya29\.[A-Za-z0-9_-]{20,}"
    r"|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}|whsec_[A-Za-z0-9+/=_-]{20,}"
    r"|npm_[A-Za-z0-9]{20,}|pypi-[A-Za-z0-9_-]{20,}|dop_v1_[a-f0-9]{20,}|shpat_[a-f0-9]{20,}"
    r"|eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}"
    r")"
    r"|hooks\.slack\.com/(?:services|workflows)/\S+"
    r"|(?i:\bbearer\s+[a-z0-9._~+/-]{20,})"
    r"|(?i:\b(?:api|access|secret|auth|client|private)[ _-]?(?:key|token|secret)[\"'`*]{0,3}\s*[:=]"
    r"\s*[\"'`*]{0,3}[a-z0-9._~+/-]{12,})"
)
_PASSWORD = re.compile(
    r"\b(?:pass(?:word|wd|phrase|code)?|pwd|passwort|kennwort|mot de passe|contrase(?:ñ|n)a)"
    r"[\"'`*]{0,3}\s*[:=]\s*[\"'`*]{0,3}(?!https?:)\S{4,}"
    r"|\b(?:password|passwd|passphrase|passwort|kennwort|mot de passe|contrase(?:ñ|n)a)"
    r"\s+(?:is|was|ist|lautet|est|es)\s*:?\s*[\"'`*]{0,3}(?=\S*\d)(?=\S*[A-Za-z!-/:-@])\S{4,}"
    r"|://[^\s/:@]+:[^\s/@]{3,}@[\w.-]+",  # user and password in an address
    re.IGNORECASE,
)
_CARD = re.compile(r"[2-6](?<![\w.,-].)(?:[ \u00a0-]?\d){12,18}(?![\w-])", re.ASCII)
_IBAN = re.compile(r"[A-Z](?<![A-Za-z0-9].)[A-Z]\d{2}(?:[ \u00a0-]?[A-Z0-9]){11,30}(?![A-Za-z0-9])")
_MAYBE_HOST = re.compile(r"[.:](?:\w|//)")
_HOST = re.compile(
    r"(?:https?|ssh|ftp|sftp|postgres(?:ql)?|mysql|redis|amqps?|mongodb(?:\+srv)?)"
    r"://(?:[^\s/@]*@)?([\w.-]+)"
    r"|(?<![\w.@/-])((?:[\w-]+\.)+[A-Za-z]{2,12})(?![\w-])",
    re.IGNORECASE,
)
_MAYBE_KEY = re.compile(r"\S{12}")
"""No key is shorter than a dozen characters."""
_PASSWORD_WORDS = ("pass", "pwd", "kennwort", "contrase", "://")
"""One of them is in all that `_PASSWORD` finds."""
_CARD_LENGTHS = range(13, 20)
_MASTERCARD = 16
_IBANS = (
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 "
    "EE20 EG29 ES24 FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 "
    "IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 "
    "NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SE24 SI19 SK24 SM27 TN24 TR26 UA29 VA22 "
    "VG24 XK20"
)
_IBAN_LENGTHS: Mapping[str, int] = {entry[:2]: int(entry[2:]) for entry in _IBANS.split()}


# Each reply is looked at, and next to none has anything: so what has not even the shape is seen at
# a glance, and an expression begins with a character, not with what stands before it, so that all
# others are skipped.


def _has_key(text: str) -> bool:
    return _MAYBE_KEY.search(text) is not None and _API_KEY.search(text) is not None


def _has_password(text: str) -> bool:
    folded = text.casefold()
    for word in _PASSWORD_WORDS:  # `any` would cost three times as much
        if word in folded:
            return _PASSWORD.search(text) is not None
    return False


def has_card(text: str) -> bool:
    if not _CARD.search(text):
        return False
    return any(_begins_with_card(found[0]) for found in _CARD.finditer(text))


def _begins_with_card(text: str) -> bool:
    """Something may follow the number, such as `12/27`: each group may be its last."""
    groups = re.split(r"\D", text)
    return any(_is_card("".join(groups[: n + 1])) for n in range(len(groups)))


def _is_card(digits: str) -> bool:
    """Luhn's sum. All digits the same is nobody's card; one with a 2 at first is Mastercard's."""
    if len(digits) not in _CARD_LENGTHS or len(set(digits)) == 1:
        return False
    if digits[0] == "2" and (len(digits) != _MASTERCARD or not "2221" <= digits[:4] <= "2720"):
        return False
    doubled = (sum(divmod(int(digit) * 2, 10)) for digit in digits[-2::-2])
    return (sum(int(digit) for digit in digits[::-2]) + sum(doubled)) % 10 == 0


def has_iban(text: str) -> bool:
    if not _IBAN.search(text):
        return False
    return any(_is_iban(found[0]) for found in _IBAN.finditer(text))


def _is_iban(text: str) -> bool:
    """What follows an IBAN may look like more of it, so only its country's length is taken."""
    bare = re.sub(r"[^A-Z0-9]", "", text)
    length = _IBAN_LENGTHS.get(bare[:2], len(bare) + 1)
    if length > len(bare):
        return False
    number = "".join(str(int(char, 36)) for char in bare[4:length] + bare[:4])
    return int(number) % 97 == 1


Has = Callable[[str], bool]
_CHECKS: Mapping[Leak, Has] = {
    Leak.PRIVATE_KEY: lambda text: _PRIVATE_KEY.search(text) is not None,
    Leak.API_KEY: _has_key,
    Leak.PASSWORD: _has_password,
    Leak.CARD_NUMBER: has_card,
    Leak.IBAN: has_iban,
}
"""In the order of `Leak`; what leads inside, which is the last, goes by the settings."""
NO_GUARD = Guard(look_for=())


def _is_below(host: str, ends: tuple[str, ...]) -> bool:
    return any(host == end or host.endswith(f".{end}") for end in ends)
