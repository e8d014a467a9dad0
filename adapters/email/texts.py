"""Our own words in an e-mail, by language. `{…}` is filled in."""

from __future__ import annotations

from collections.abc import Mapping

from bridge.texts import WITH_US, by_language

LINE = "##- {text} -##"
"""Above it are the words of who answers, whatever their mail program makes of what is below."""
LINE_BEGINS = "##-"

_TEXTS: Mapping[str, Mapping[str, str]] = {
    "subject": {
        "en": "Your conversation with {site}",
        "fr": "Votre conversation avec {site}",
        "de": "Ihr Gespräch mit {site}",
        "es": "Su conversación con {site}",
    },
    "line": {
        "en": "Please write your answer above this line",
        "fr": "Écrivez votre réponse au-dessus de cette ligne",
        "de": "Bitte antworten Sie oberhalb dieser Zeile",
        "es": "Escriba su respuesta por encima de esta línea",
    },
    "files": {
        "en": "There are files for you in the chat.",
        "fr": "Des fichiers vous attendent dans le chat.",
        "de": "Dateien liegen für Sie im Chat bereit.",
        "es": "Hay archivos que le esperan en el chat.",
    },
    "back": {
        "en": "Continue in the chat",
        "fr": "Continuer dans le chat",
        "de": "Im Chat weiterschreiben",
        "es": "Seguir en el chat",
    },
    "answer": {
        "en": "You can simply answer this e-mail.",
        "fr": "Vous pouvez simplement répondre à cet e-mail.",
        "de": "Sie können einfach auf diese E-Mail antworten.",
        "es": "Puede responder directamente a este correo.",
    },
    "why": {
        "en": "You get this e-mail because this address was left in the chat with {site}.",
        "fr": "Vous recevez cet e-mail parce que cette adresse a été laissée dans le chat avec"
        " {site}.",
        "de": "Sie erhalten diese E-Mail, weil diese Adresse im Chat mit {site} angegeben wurde.",
        "es": "Recibe este correo porque se dejó esta dirección en el chat con {site}.",
    },
}


def say(name: str, locale: str, site: str = "") -> str:
    whom = site or by_language(WITH_US, locale)
    return by_language(_TEXTS[name], locale).replace("{site}", whom)
