"""Who a visitor is when they begin or renew a session: by their token, the site's own word, and
what they say of themselves.

What the site has signed stands above what the visitor says, and that above what was said before;
what is known of them by then is not changed by what they answer before they begin to write.
Identifying joins forward only: another identity is another conversation. That both are one person
is for the team alone.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from adapters.webchat import intake, prechat
from adapters.webchat.intake import Hello
from adapters.webchat.sessions import Session, identify, is_identified, random_address, user_at
from bridge.commands import MergeContacts, ToUser
from bridge.errors import BadRequest
from bridge.model import Author, Micros, Role
from bridge.settings import Settings


@dataclass(frozen=True, slots=True)
class Greeted:
    """`signed`: names of the attributes that the site vouches for. `introduced`: they have answered
    what is asked before the first message."""

    user: ToUser
    signed: Collection[str] = ()
    introduced: bool = False


def admits(settings: Settings, known: Session | None) -> bool:
    """Tokens outlive the settings under which they were given."""
    required = settings.webchat_identity == "required"
    return not required or (known is not None and known.identified)


def greet(hello: Hello, known: Session | None, settings: Settings, now: Micros) -> Greeted:
    """Raises BadRequest."""
    who = _identified(hello, known, settings, now) if hello.identity else _anonymous(hello, known)
    if not hello.identity and not admits(settings, known):
        raise BadRequest("identity_required", "Visitors must be identified.", status=401)
    if hello.prechat is None:
        return who
    user = who.user
    answers = prechat.read(prechat.unknown(settings.webchat.prechat, user), hello.prechat)
    attributes = intake.merged(user.attributes, answers.pop("attributes"))
    user = replace(user, **answers, attributes=attributes)
    return Greeted(user, who.signed, introduced=True)


def proven(before: Session, user: ToUser, now: Micros) -> MergeContacts | None:
    """That the site has signed who the visitor is who was nobody until then. Who says so
    themselves proves nothing, and who logs in as another is another."""
    if before.identified or not is_identified(user):
        return None
    key = f"webchat:{before.conversation}:is:{user.conversation_id}"
    by = Author(Role.USER, user.contact_id, user.name)
    return MergeContacts(key, now, user, before.conversation, by, proven=True)


def _identified(hello: Hello, known: Session | None, settings: Settings, now: Micros) -> Greeted:
    secret = settings.webchat_identity_secret
    identity = identify(hello.identity, secret.get_secret_value() if secret else "", now)
    same = known if known and known.user.address == identity.address else None
    before = {n: v for n, v in same.user.attributes.items() if n not in same.signed} if same else {}
    of_site = intake.site_attributes(identity.claims)
    told = {**_kept(same), **hello.told, **intake.told_by_site(identity.claims)}
    told["attributes"] = intake.merged(before | hello.told["attributes"], of_site)
    return Greeted(user_at(identity.address, **told), of_site, bool(same and same.introduced))


def _anonymous(hello: Hello, known: Session | None) -> Greeted:
    if known is None:
        return Greeted(user_at(random_address(), **hello.told))
    told = {name: value or getattr(known.user, name) for name, value in hello.told.items()}
    own = {n: v for n, v in hello.told["attributes"].items() if n not in known.signed}
    told["attributes"] = intake.merged(known.user.attributes, own)
    user = user_at(known.user.address, **_kept(known), **told)
    return Greeted(user, known.signed, known.introduced)


def _kept(known: Session | None) -> dict[str, Any]:
    names = ("name", "email", "avatar_url")
    return {name: getattr(known.user, name) for name in names} if known else {}
