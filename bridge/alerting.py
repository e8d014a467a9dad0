"""What tells alerts, made from the settings: of the composition root."""

from __future__ import annotations

from bridge.model import given
from bridge.plugins import Adapters
from bridge.policy import Policy
from bridge.ports import Deps, Staff
from bridge.posting import Posts
from bridge.settings_alerts import AlertPlace, AlertSettings
from bridge.stores import Lanes
from bridge.telling import Addressee, Addressees, AtDesk, ByHook, ByMail, Teller
from bridge.watching import AlertBook, Outages, Sources, Watch


def addressees(settings: AlertSettings) -> Addressees:
    return {place.name: _addressee(place, settings) for place in settings.to}


def _addressee(place: AlertPlace, settings: AlertSettings) -> Addressee:
    by: AtDesk | ByMail | ByHook
    if place.slack:
        by = AtDesk(place.slack)
    elif place.email:
        by = ByMail(place.email)
    else:
        by = ByHook(place.webhook, given(place.secret).get_secret_value())
    usual = bool(place.slack) and not settings.private
    titles = not settings.private if place.words is None else place.words
    return Addressee(by, usual if place.words is None else place.words, titles)


def teller(deps: Deps, lanes: Lanes, adapters: Adapters, poster: Posts) -> Teller:
    return Teller(
        addressees(deps.settings.alerts),
        deps.reads,
        given(deps.lists),
        *(lanes, adapters.desk, adapters.mailer, poster, deps.clock),
    )


def watch(
    store: AlertBook, parked: Outages, deps: Deps, adapters: Adapters, policy: Policy, *, owner: str
) -> Watch:
    """`owner`: a name that no other one has."""
    desk: object = adapters.desk
    sources = Sources(
        deps.reads,
        parked,
        adapters.checks(),
        desk if isinstance(desk, Staff) else None,
        adapters.desk.name if adapters.desk else "",
    )
    rules = deps.settings.alerts.rules(deps.settings.hours)
    return Watch(store, rules, sources, policy, bell=deps.bell, clock=deps.clock, owner=owner)
