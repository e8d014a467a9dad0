"""Words of the widget that it needs only once the server is heard: they come with the session, in
the visitor's language, and are not sent to everybody in all four. `mistake` stands for what the
server says of a field: it says it in English, where that is nobody's language but theirs."""

from __future__ import annotations

from collections.abc import Mapping

from bridge.texts import SOMEONE, by_language

LANGUAGES = ("en", "fr", "de", "es")
WORDS: Mapping[str, tuple[str, str, str, str]] = {
    "assistant": ("Assistant", "Assistant", "Assistent", "Asistente"),
    "team": (SOMEONE["en"], SOMEONE["fr"], SOMEONE["de"], SOMEONE["es"]),
    "sent": ("Sent", "Envoyé", "Gesendet", "Enviado"),
    "failed": ("Not sent", "Non envoyé", "Nicht gesendet", "No enviado"),
    "again": ("Try again", "Réessayer", "Erneut versuchen", "Reintentar"),
    "remove": ("Remove", "Retirer", "Entfernen", "Quitar"),
    "seen": ("Seen", "Vu", "Gelesen", "Visto"),
    "edited": ("edited", "modifié", "bearbeitet", "editado"),
    "removed": ("Message removed", "Message supprimé", "Nachricht gelöscht", "Mensaje eliminado"),
    "typing": ("{name} is typing", "{name} écrit", "{name} schreibt", "{name} está escribiendo"),
    "react": ("React", "Réagir", "Reagieren", "Reaccionar"),
    "tooBig": (
        "{name} is over {n} MB",
        "{name} dépasse {n} Mo",
        "{name} ist größer als {n} MB",
        "{name} supera {n} MB",
    ),
    "tooMany": (
        "Too many files: {n} at most",
        "Trop de fichiers\u00a0: {n} au plus",
        "Zu viele Dateien: höchstens {n}",
        "Demasiados archivos: {n} como máximo",
    ),
    "badFile": (
        "Files like {name} are not accepted",
        "Les fichiers comme {name} sont refusés",
        "Dateien wie {name} sind nicht erlaubt",
        "No se aceptan archivos como {name}",
    ),
    "download": (
        "Download transcript",
        "Télécharger la conversation",
        "Verlauf herunterladen",
        "Descargar la conversación",
    ),
    "rate": ("Rate the chat", "Donnez votre avis", "Chat bewerten", "Valorar el chat"),
    "back": (
        "Back to the assistant",
        "Revenir à l’assistant",
        "Zurück zum Assistenten",
        "Volver al asistente",
    ),
    "end": ("End chat", "Terminer la conversation", "Chat beenden", "Terminar el chat"),
    "finding": (
        "Finding someone…",
        "Nous cherchons quelqu’un…",
        "Wir suchen jemanden…",
        "Buscando a alguien…",
    ),
    "next": (
        "You are next",
        "Bientôt à vous",
        "Sie sind als Nächstes dran",
        "Su turno es el siguiente",
    ),
    "ahead": ("You are {nth}", "Vous êtes {n}ᵉ", "Sie sind auf Platz {n}", "Turno {n}"),
    "about": ("about {time}", "environ {time}", "etwa {time}", "aprox. {time}"),
    "here": ("{name} · here", "{name} · en ligne", "{name} · ist da", "{name} · en línea"),
    "away": ("{name} is away", "{name} n’est pas là", "{name} ist nicht da", "{name} no está"),
    "reply": (
        "usually replies in {time}",
        "réponse sous {time} environ",
        "antwortet meist in {time}",
        "suele responder en {time}",
    ),
    "closed": (
        "We are closed until {time}",
        "Nous revenons {time}",
        "Wir sind wieder da: {time}",
        "Cerrado hasta el {time}",
    ),
    "ended": ("Chat closed", "Conversation terminée", "Chat beendet", "Chat terminado"),
    "thanks": (
        "Thank you for your rating!",
        "Merci pour votre avis\u202f!",
        "Danke für Ihre Bewertung!",
        "¡Gracias por su valoración!",
    ),
    "choose": ("Choose…", "Choisissez…", "Bitte wählen…", "Elija…"),
    "optional": ("optional", "facultatif", "optional", "opcional"),
    "score1": ("Terrible", "Très mal", "Sehr schlecht", "Muy mal"),
    "score2": ("Bad", "Mal", "Schlecht", "Mal"),
    "score3": ("Okay", "Moyen", "Mittel", "Regular"),
    "score4": ("Good", "Bien", "Gut", "Bien"),
    "score5": ("Great", "Très bien", "Sehr gut", "Muy bien"),
    "tooLong": (
        "Too long by {n}",
        "Trop long\u00a0: {n} de trop",
        "{n} Zeichen zu viel",
        "Demasiado largo: +{n}",
    ),
    "sound": ("Sound", "Son", "Ton", "Sonido"),
    "unread": ("unread: {n}", "non lus\u00a0: {n}", "ungelesen: {n}", "sin leer: {n}"),
    "email": (
        "Your e-mail, so that we can write to you",
        "Votre adresse e-mail, pour que nous puissions vous écrire",
        "Ihre E-Mail-Adresse, damit wir Ihnen schreiben können",
        "Su correo, para que podamos escribirle",
    ),
    "leave": (
        "Save",
        "Enregistrer",
        "Speichern",
        "Guardar",
    ),
    "form": (
        "A few words before we start",
        "Quelques mots avant de commencer",
        "Ein paar Worte vorab",
        "Unas palabras antes de empezar",
    ),
    "start": (
        "Start chat",
        "Commencer",
        "Chat beginnen",
        "Empezar el chat",
    ),
    "mistake": (
        "",
        "Veuillez vérifier ce champ",
        "Bitte prüfen Sie diese Angabe",
        "Revise este dato, por favor",
    ),
    "comment": (
        "Would you like to add something?",
        "Souhaitez-vous ajouter quelque chose\u202f?",
        "Möchten Sie etwas dazu sagen?",
        "¿Quiere añadir algo?",
    ),
}


def words_of(locale: str) -> dict[str, str]:
    """By key; English where we do not speak the language.

    >>> words_of("de-AT")["seen"]
    'Gelesen'
    """
    return {key: word(key, locale) for key in WORDS}


def word(key: str, locale: str) -> str:
    return by_language(dict(zip(LANGUAGES, WORDS[key], strict=True)), locale)
