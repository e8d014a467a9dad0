"""Who a visitor is: signed tokens that carry everything, and the site's own word (a JWT) for it.

A session is stored nowhere. Its token is a JWT signed with the process's secret key, and holds the
visitor's address and what was said of them; rows come with their first message. An anonymous
visitor's address is 128 random bits, that of an identified one `id:` and the site's own id of them,
so a visitor who logs in goes on in the conversation of that identity, wherever it began, and what
they wrote before under the other address stays there: nobody's words move to somebody else. Only
the team learns that both are one person.

Both kinds of JWT are HS256 and nothing else, whatever their header says, and must expire.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jwt

from bridge.commands import ToUser
from bridge.errors import BadRequest
from bridge.model import (
    DEFAULT_WORKSPACE,
    SECOND,
    ConversationId,
    Micros,
    contact_id,
    conversation_id,
)
from bridge.problems import clean

if TYPE_CHECKING:
    from jwt.types import Options

CHANNEL = "webchat"
ALGORITHM = "HS256"
TYPE = "deskbridge-visitor"
"""What tells our tokens from any other JWT that the same key may sign one day."""
LIFETIME: Micros = 30 * 24 * 3600 * SECOND
REMEMBERED = 10_000
"""How many verified tokens a process remembers, so that a busy one is verified once."""
IDENTITY_LIMIT = 8_192
"""Bytes of a site's JWT."""
SUBJECT_LIMIT = 200
IDENTIFIED = "id:"
UNCHECKED: Options = {
    "require": ["sub", "exp"],
    "verify_aud": False,
    "verify_exp": False,  # by our own clock, below
    "verify_nbf": False,
    "verify_iat": False,
}


@dataclass(frozen=True, slots=True)
class Session:
    """`signed`: names of the user's attributes that the site vouches for: no visitor changes
    them. `introduced`: they have answered what is asked before the first message."""

    conversation: ConversationId
    user: ToUser
    expires: Micros
    signed: frozenset[str] = frozenset()
    introduced: bool = False

    @property
    def identified(self) -> bool:
        return is_identified(self.user)


@dataclass(frozen=True, slots=True)
class Identity:
    """What the site says of its user."""

    address: str
    claims: dict[str, Any]


def is_identified(user: ToUser) -> bool:
    """Whether the site has said who they are, and signed it."""
    return user.address.startswith(IDENTIFIED)


def random_address() -> str:
    return secrets.token_hex(16)


def user_at(address: str, **known: Any) -> ToUser:
    return ToUser(
        DEFAULT_WORKSPACE,
        conversation_id(DEFAULT_WORKSPACE, CHANNEL, address),
        contact_id(DEFAULT_WORKSPACE, CHANNEL, address),
        CHANNEL,
        address,
        **known,
    )


class Sessions:
    """Makes and reads tokens. `keys`: the first signs, all verify; each is used for this alone."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = [hmac.digest(key, TYPE.encode(), hashlib.sha256) for key in keys]
        self._read: OrderedDict[str, Session] = OrderedDict()

    def issue(
        self,
        user: ToUser,
        now: Micros,
        signed: Collection[str] = (),
        *,
        introduced: bool = False,
    ) -> str:
        claims = {
            "sub": user.address,
            "exp": (now + LIFETIME) // SECOND,
            "user": {name: getattr(user, name) for name in TOLD if getattr(user, name)},
            "signed": sorted(signed),
            "introduced": introduced,
        }
        return jwt.encode(claims, self._keys[0], ALGORITHM, headers={"typ": TYPE})

    def read(self, token: str, now: Micros) -> Session | None:
        """The session of a token; None when it is not ours, broken or too old."""
        session = self._read.get(token)
        if session is None:
            session = self._verify(token)
            if session is None:
                return None
            self._remember(token, session)
        return session if session.expires > now else None

    def _remember(self, token: str, session: Session) -> None:
        self._read[token] = session
        if len(self._read) > REMEMBERED:
            self._read.popitem(last=False)

    def _verify(self, token: str) -> Session | None:
        for key in self._keys:
            try:
                found = jwt.decode_complete(token, key, [ALGORITHM], options=UNCHECKED)
            except jwt.InvalidTokenError:
                continue
            if found["header"].get("typ") != TYPE:
                return None
            claims = found["payload"]
            user = user_at(claims["sub"], **claims["user"])
            signed = frozenset(claims.get("signed", ()))
            expires, introduced = claims["exp"] * SECOND, bool(claims.get("introduced"))
            return Session(user.conversation_id, user, expires, signed, introduced)
        return None


TOLD = (
    *("name", "email", "avatar_url", "locale", "attributes"),
    *("page_url", "page_title", "device", "time_zone"),
)
"""What a token carries of a user besides the address."""


def identify(token: str, secret: str, now: Micros) -> Identity:
    """Reads the site's JWT. Raises BadRequest (401) unless it is valid now."""
    if not secret or len(token) > IDENTITY_LIMIT:
        raise _unidentified("This site's identity tokens cannot be checked here.")
    try:
        claims = jwt.decode(token, secret, [ALGORITHM], options=UNCHECKED)
    except jwt.InvalidTokenError:
        raise _unidentified("The identity token is not valid.") from None
    subject, expires, starts = claims["sub"], claims["exp"], claims.get("nbf", 0)
    if not isinstance(expires, int | float) or not isinstance(starts, int | float):
        raise _unidentified("The identity token's times must be numbers.")
    if not starts * SECOND <= now < expires * SECOND:
        raise _unidentified("The identity token has expired or is not valid yet.")
    if clean(subject) != subject or not 0 < len(subject) <= SUBJECT_LIMIT:
        raise _unidentified("The identity token's sub cannot be used.")
    return Identity(f"{IDENTIFIED}{subject}", claims)


def _unidentified(message: str) -> BadRequest:
    return BadRequest("identity_invalid", message, status=401)
