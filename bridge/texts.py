"""The texts that a user sees from the desk itself, by occasion and language, and how texts are
split.

An occasion has a second wording for desks without a bot, where nobody takes over afterwards. A text
that the settings make empty is not sent.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum


class Occasion(StrEnum):
    TRANSFER = "transfer"
    AWAY = "away"
    WAITING = "waiting"
    POSITION = "position"
    POSITION_NO_WAIT = "position_no_wait"
    ASSIGNED = "assigned"
    TRANSFERRED = "transferred"
    TIMEOUT = "timeout"
    RESOLVED = "resolved"
    REJECTED = "rejected"
    IDLE = "idle"
    CANCELLED = "cancelled"
    RATING = "rating"
    RATED = "rated"
    RATING_COMMENT = "rating_comment"


NO_BOT = "_no_bot"
"""Suffix of an occasion's wording for desks without a bot."""
EVERYWHERE = ("agentName", "userName", "leaveHint")
FILLED: Mapping[str, tuple[str, ...]] = {
    Occasion.AWAY: ("opensAt",),
    Occasion.POSITION: ("position", "eta"),
    Occasion.POSITION_NO_WAIT: ("position",),
}
"""What is filled in the texts of an occasion, beside what is `EVERYWHERE`."""

DEFAULTS: Mapping[str, Mapping[str, str]] = {
    "transfer": {
        "en": "One moment, I am finding a person to help you.",
        "fr": "Un instant, je cherche quelqu’un pour vous aider.",
        "de": "Einen Moment, ich suche jemanden, der Ihnen hilft.",
        "es": "Un momento, busco a una persona que le ayude.",
    },
    "transfer_no_bot": {"en": "", "fr": "", "de": "", "es": ""},
    "away": {
        "en": "Our team is away just now and back {{opensAt}}. Your message is kept.",
        "fr": "Notre équipe est absente. Elle sera de retour {{opensAt}}."
        " Votre message est conservé.",
        "de": "Unser Team ist {{opensAt}} wieder da. Ihre Nachricht bleibt erhalten.",
        "es": "Nuestro equipo no está disponible ahora y vuelve {{opensAt}}."
        " Su mensaje queda guardado.",
    },
    "waiting": {
        "en": "Nobody is free just yet. Your message is kept; {{leaveHint}}",
        "fr": "Personne n’est disponible pour l’instant. Votre message est conservé\u202f;"
        " {{leaveHint}}",
        "de": "Noch ist niemand frei. Ihre Nachricht bleibt erhalten; {{leaveHint}}",
        "es": "Aún no hay nadie libre. Su mensaje queda guardado; {{leaveHint}}",
    },
    "waiting_no_bot": {
        "en": "Nobody is free just yet. Your message is kept.",
        "fr": "Personne n’est disponible pour l’instant. Votre message est conservé.",
        "de": "Noch ist niemand frei. Ihre Nachricht bleibt erhalten.",
        "es": "Aún no hay nadie libre. Su mensaje queda guardado.",
    },
    "position": {
        "en": "People ahead of you: {{position}}. It usually takes about {{eta}}.",
        "fr": "Personnes avant vous\u00a0: {{position}}."
        " L’attente est en général d’environ {{eta}}.",
        "de": "Vor Ihnen warten noch: {{position}}. Meist dauert es etwa {{eta}}.",
        "es": "Personas por delante: {{position}}. Suele tardar alrededor de {{eta}}.",
    },
    "position_no_wait": {
        "en": "People ahead of you: {{position}}.",
        "fr": "Personnes avant vous\u00a0: {{position}}.",
        "de": "Vor Ihnen warten noch: {{position}}.",
        "es": "Personas por delante: {{position}}.",
    },
    "assigned": {
        "en": "{{agentName}} has joined the conversation.",
        "fr": "{{agentName}} a rejoint la conversation.",
        "de": "{{agentName}} ist dem Gespräch beigetreten.",
        "es": "{{agentName}} se ha unido a la conversación.",
    },
    "transferred": {
        "en": "{{agentName}} is taking over from here.",
        "fr": "{{agentName}} prend la suite.",
        "de": "{{agentName}} übernimmt ab hier.",
        "es": "{{agentName}} continúa a partir de aquí.",
    },
    "timeout": {
        "en": "Nobody could take your conversation in time. The assistant is back with you.",
        "fr": "Personne n’a pu prendre votre conversation à temps. L’assistant est de retour.",
        "de": "Niemand konnte Ihr Gespräch rechtzeitig übernehmen. Der Assistent ist wieder da.",
        "es": "Nadie pudo atender su conversación a tiempo. El asistente vuelve a estar con usted.",
    },
    "timeout_no_bot": {
        "en": "Nobody could take your conversation in time. Write any time.",
        "fr": "Personne n’a pu prendre votre conversation à temps. Écrivez-nous quand vous voulez.",
        "de": "Niemand konnte Ihr Gespräch rechtzeitig übernehmen. Schreiben Sie uns jederzeit.",
        "es": "Nadie pudo atender su conversación a tiempo. Escríbanos cuando quiera.",
    },
    "resolved": {
        "en": "{{agentName}} has left the conversation. The assistant is back with you.",
        "fr": "{{agentName}} a quitté la conversation. L’assistant est de retour.",
        "de": "{{agentName}} hat das Gespräch verlassen. Der Assistent ist wieder da.",
        "es": "{{agentName}} ha salido de la conversación. El asistente vuelve a estar con usted.",
    },
    "resolved_no_bot": {
        "en": "{{agentName}} has left. Write any time.",
        "fr": "{{agentName}} a quitté la conversation. Écrivez-nous quand vous voulez.",
        "de": "{{agentName}} hat das Gespräch verlassen. Schreiben Sie uns jederzeit.",
        "es": "{{agentName}} ha salido de la conversación. Escríbanos cuando quiera.",
    },
    "rejected": {
        "en": "Nobody is free for this just now. The assistant is back with you.",
        "fr": "Personne n’est disponible pour cela en ce moment. L’assistant est de retour.",
        "de": "Dafür ist gerade niemand frei. Der Assistent ist wieder da.",
        "es": "Ahora no hay nadie libre para esto. El asistente vuelve a estar con usted.",
    },
    "rejected_no_bot": {
        "en": "Nobody is free for this just now. Write any time.",
        "fr": "Personne n’est disponible pour cela en ce moment. Écrivez-nous quand vous voulez.",
        "de": "Dafür ist gerade niemand frei. Schreiben Sie uns jederzeit.",
        "es": "Ahora no hay nadie libre para esto. Escríbanos cuando quiera.",
    },
    "idle": {
        "en": "We have not heard from you, so the assistant is back with you. Write any time.",
        "fr": "Sans nouvelles de vous, nous repassons la main à l’assistant."
        " Écrivez-nous quand vous voulez.",
        "de": "Wir haben nichts mehr von Ihnen gehört, darum ist der Assistent wieder da."
        " Schreiben Sie uns jederzeit.",
        "es": "Como no hemos sabido de usted, vuelve el asistente. Escríbanos cuando quiera.",
    },
    "idle_no_bot": {
        "en": "We have not heard from you, so we close here for now. Write any time.",
        "fr": "Sans nouvelles de vous, nous en restons là. Écrivez-nous quand vous voulez.",
        "de": "Wir haben nichts mehr von Ihnen gehört und beenden das Gespräch vorerst."
        " Schreiben Sie uns jederzeit.",
        "es": "Como no hemos sabido de usted, lo dejamos aquí. Escríbanos cuando quiera.",
    },
    "cancelled": {
        "en": "You have left the conversation with our team. The assistant is back with you.",
        "fr": "Vous avez quitté la conversation avec notre équipe. L’assistant est de retour.",
        "de": "Sie haben das Gespräch mit unserem Team verlassen. Der Assistent ist wieder da.",
        "es": "Ha salido de la conversación con nuestro equipo. El asistente vuelve a estar con"
        " usted.",
    },
    "cancelled_no_bot": {
        "en": "You have left the conversation. Write any time.",
        "fr": "Vous avez quitté la conversation. Écrivez-nous quand vous voulez.",
        "de": "Sie haben das Gespräch verlassen. Schreiben Sie uns jederzeit.",
        "es": "Ha salido de la conversación. Escríbanos cuando quiera.",
    },
    "rating": {
        "en": "How was the conversation with {{agentName}}?",
        "fr": "Comment s’est passée la conversation avec {{agentName}}\u202f?",
        "de": "Wie war das Gespräch mit {{agentName}}?",
        "es": "¿Cómo fue la conversación con {{agentName}}?",
    },
    "rated": {
        "en": "Thank you for your rating!",
        "fr": "Merci pour votre avis\u202f!",
        "de": "Danke für Ihre Bewertung!",
        "es": "¡Gracias por su valoración!",
    },
    "rating_comment": {
        "en": "Write it now: your next message is kept as your comment, for our team only.",
        "fr": "Écrivez-le maintenant\u00a0: votre prochain message sera votre commentaire, réservé"
        " à notre équipe.",
        "de": "Schreiben Sie ihn jetzt: Ihre nächste Nachricht geht als Kommentar an unser Team.",
        "es": "Escríbalo ahora: su próximo mensaje será su comentario, solo para nuestro equipo.",
    },
}

SOMEONE: Mapping[str, str] = {
    "en": "Our team",
    "fr": "Notre équipe",
    "de": "Unser Team",
    "es": "Nuestro equipo",
}
WITH_US: Mapping[str, str] = {
    "en": "our team",
    "fr": "notre équipe",
    "de": "unserem Team",
    "es": "nuestro equipo",
}
"""The same, with whom somebody has spoken."""
_LEAVE: Mapping[str, str] = {
    "en": "write {{command}} to go back to the assistant.",
    "fr": "écrivez {{command}} pour revenir à l’assistant.",
    "de": "mit {{command}} kommen Sie zum Assistenten zurück.",
    "es": "escriba {{command}} para volver al asistente.",
}
_NO_COMMAND: Mapping[str, str] = {
    "en": "write any time.",
    "fr": "écrivez-nous quand vous voulez.",
    "de": "schreiben Sie uns jederzeit.",
    "es": "escríbanos cuando quiera.",
}
_PLACE = re.compile(r"(\\?)\{\{\s*([\w.-]+)\s*(?:\|([^{}|]*))?\}\}")
"""`{{name}}`, `{{name|words}}`, and with a backslash before it neither."""


@dataclass(frozen=True, slots=True)
class Texts:
    """`overrides` by occasion (or occasion + `_no_bot`), then by language; from the settings."""

    overrides: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def say(
        self,
        occasion: Occasion,
        locale: str,
        values: Mapping[str, str],
        *,
        bot: bool = True,
        own: Sequence[Mapping[str, Mapping[str, str]]] = (),
    ) -> str:
        """The text for the user, or an empty one: say nothing. `own`: the handoff's and the
        queue's, which come before all others."""
        plain = str(occasion)
        names = [plain] if bot else [plain + NO_BOT, plain]
        for source in (*own, self.overrides, DEFAULTS):
            for name in names:
                if name in source:
                    return fill(by_language(source[name], locale), values)
        return ""


def leave_hint(command: str, locale: str) -> str:
    """How a user gets back to the bot; `command`: what they write for it, empty: nothing does."""
    return fill(by_language(_LEAVE if command else _NO_COMMAND, locale), {"command": command})


def by_language(texts: Mapping[str, str], locale: str) -> str:
    """The text for `fr-CA`: that of fr-CA, else of fr, else English, else the first."""
    for key in (locale, locale.split("-", maxsplit=1)[0].split("_", maxsplit=1)[0].lower(), "en"):
        if key in texts:
            return texts[key]
    return next(iter(texts.values()), "")


def fill(text: str, values: Mapping[str, str]) -> str:
    """`{{name}}` replaced from `values`, and `{{name|words}}` by these words where it has nothing;
    an unknown name stays as it is, so that it is noticed. `\\{{name}}` is meant as it stands."""

    def one(found: re.Match[str]) -> str:
        if found[1]:
            return found[0][1:]
        value, otherwise = values.get(found[2], found[0]), (found[3] or "").strip()
        return otherwise if otherwise and not values.get(found[2]) else value

    return _PLACE.sub(one, text)


def places(text: str) -> list[tuple[str, str]]:
    """What is to be filled in, by name, and with which words where nothing is known."""
    return [(m[2], (m[3] or "").strip()) for m in _PLACE.finditer(text) if not m[1]]


def filled_at(occasion: str) -> tuple[str, ...]:
    """The names that a text of this occasion may have filled in."""
    return (*EVERYWHERE, *FILLED.get(occasion.removesuffix(NO_BOT), ()))


def fault_in(occasion: str, text: str) -> str:
    """Why it can be no text of this occasion: a name that nobody fills in would be said as it
    stands; empty: it can."""
    known = filled_at(occasion)
    for name, _ in places(text):
        if name not in known:
            near = get_close_matches(name, known, n=1)
            meant = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
            return f"{{{{{name}}}}} is not filled in here; {meant}"
    return ""


def as_it_stands(text: str) -> str:
    """The text in which nothing is filled in."""
    return _PLACE.sub(lambda m: m[0] if m[1] else f"\\{m[0]}", text)


def link_to(name: str, url: str) -> str:
    """In CommonMark; `url` without `<`, `>` and spaces."""
    return f"[{_PUNCTUATION.sub(_escaped, name)}](<{url}>)"


_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")


def _escaped(found: re.Match[str]) -> str:
    return f"\\{found[0]}"


def split(text: str, limit: int) -> tuple[str, ...]:
    """The text in parts of at most `limit` characters that joined are the text again.

    Parts end at a paragraph, else a line, a sentence, a word, else between two graphemes.
    """
    parts: list[str] = []
    while len(text) > limit:
        cut = _cut(text, limit)
        parts.append(text[:cut])
        text = text[cut:]
    return (*parts, text) if text or not parts else tuple(parts)


_ENDS = (
    re.compile(r"\n\n"),
    re.compile(r"\n"),
    re.compile(r"[.!?؟]\s|[。！？]\s?"),
    re.compile(r"\s"),
)


def _cut(text: str, limit: int) -> int:
    window = text[:limit]
    for end in _ENDS:
        places = [m.end() for m in end.finditer(window, limit // 2)]
        whole = [place for place in places if not _joined(text, place)]
        if whole:
            return whole[-1]
    return next((cut for cut in range(limit, limit // 2, -1) if not _joined(text, cut)), limit)


def _joined(text: str, at: int) -> bool:
    """Whether the characters around `at` are parts of one grapheme (an approximation of UAX 29)."""
    before, after = text[at - 1], text[at]
    return (
        before + after == "\r\n"
        or "\u200d" in before + after
        or unicodedata.category(after) in ("Mn", "Me", "Mc")
        or "\U0001f3fb" <= after <= "\U0001f3ff"  # the colours of skin
        or "\U000e0020" <= after <= "\U000e007f"  # tags, as in the flag of Scotland
        or (_is_half_flag(after) and _half_flags_before(text, at) % 2 == 1)
    )


def _is_half_flag(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _half_flags_before(text: str, at: int) -> int:
    start = at
    while start and _is_half_flag(text[start - 1]):
        start -= 1
    return at - start
