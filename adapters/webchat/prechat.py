"""What a visitor is asked before they begin to write, and what they answer, checked. Pure.

What is known of them is not asked. A form is checked whole, so that every fault is told at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from adapters.webchat.intake import EMAIL, SHORT
from bridge.commands import ToUser
from bridge.errors import BadRequest
from bridge.problems import clean
from bridge.settings_prechat import PrechatField
from bridge.texts import by_language

LABELS: Mapping[str, Mapping[str, str]] = {
    "name": {"en": "Your name", "fr": "Votre nom", "de": "Ihr Name", "es": "Su nombre"},
    "email": {
        "en": "Your e-mail",
        "fr": "Votre adresse e-mail",
        "de": "Ihre E-Mail-Adresse",
        "es": "Su correo electrónico",
    },
    "topic": {
        "en": "What is it about?",
        "fr": "De quoi s’agit-il\u202f?",
        "de": "Worum geht es?",
        "es": "¿De qué se trata?",
    },
}
OWN = ("name", "email")
"""Are fields of the user; all else is an attribute."""
Fields = Sequence[PrechatField]


def unknown(fields: Fields, user: ToUser) -> list[PrechatField]:
    return [field for field in fields if not _known(field.name, user)]


def _known(name: str, user: ToUser) -> bool:
    return bool(getattr(user, name) if name in OWN else user.attributes.get(name))


def form_json(fields: Fields, locale: str) -> list[dict[str, Any]]:
    """As the widget draws it."""
    return [
        {
            "name": field.name,
            "label": by_language(field.label or LABELS[field.name], locale),
            "type": "email" if field.name == "email" else "text",
            "required": field.required,
            "options": [
                {"value": each.value, "text": by_language(each.text, locale) or each.value}
                for each in field.options
            ],
        }
        for field in fields
    ]


def read(fields: Fields, given: Mapping[str, Any]) -> dict[str, Any]:
    """What is to be known of the user; what is not asked (any more) is left out. Raises BadRequest
    with every fault."""
    answers, faults = {}, {}
    for field in fields:
        value = given.get(field.name) or ""
        text = clean(value).strip() if isinstance(value, str) else ""
        fault = _fault(field, value, text)
        if fault:
            faults[f"prechat.{field.name}"] = fault
        elif text:
            answers[field.name] = text
    if faults:
        name, fault = next(iter(faults.items()))
        raise BadRequest("invalid", f"{name} {fault}.", faults)
    own = {name: answers.pop(name) for name in OWN if name in answers}
    return {**own, "attributes": answers}


def _fault(field: PrechatField, value: object, text: str) -> str:
    if not isinstance(value, str):
        return "must be a text"
    if not text:
        return "must be filled in" if field.required else ""
    if len(text) > SHORT:
        return f"must have at most {SHORT} characters"
    if field.name == "email" and not EMAIL.fullmatch(text):
        return "must be an address such as sam@example.org"
    if field.options and text not in [option.value for option in field.options]:
        return "must be one of those offered"
    return ""
