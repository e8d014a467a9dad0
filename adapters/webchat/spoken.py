"""Words of the widget that it needs only once the server is heard: they come with the session, in
the visitor's language, and are not sent to everybody in all four."""

from __future__ import annotations

from collections.abc import Mapping

from bridge.texts import by_language

LANGUAGES = ("en", "fr", "de", "es")
WORDS: Mapping[str, tuple[str, str, str, str]] = {
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
        "{n} files at most",
        "{n} fichiers au plus",
        "Höchstens {n} Dateien",
        "{n} archivos como máximo",
    ),
    "badFile": (
        "Files like {name} are not taken",
        "Les fichiers comme {name} sont refusés",
        "Dateien wie {name} gehen nicht",
        "No se aceptan archivos como {name}",
    ),
    "download": (
        "Download transcript",
        "Télécharger la conversation",
        "Verlauf herunterladen",
        "Descargar la conversación",
    ),
    "rate": ("Rate the chat", "Noter le chat", "Chat bewerten", "Valorar el chat"),
    "back": (
        "Back to the assistant",
        "Revenir à l’assistant",
        "Zurück zum Assistenten",
        "Volver al asistente",
    ),
    "end": ("End chat", "Terminer le chat", "Chat beenden", "Terminar el chat"),
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
        "replies usually in {time}",
        "répond en général sous {time}",
        "antwortet meist in {time}",
        "suele responder en {time}",
    ),
    "closed": (
        "We are closed until {time}",
        "Nous revenons {time}",
        "Wir sind wieder da: {time}",
        "Cerrado hasta {time}",
    ),
    "ended": ("Chat closed", "Chat terminé", "Chat beendet", "Chat terminado"),
    "thanks": (
        "Thank you for your rating!",
        "Merci pour votre avis !",
        "Danke für Ihre Bewertung!",
        "¡Gracias por su valoración!",
    ),
    "choose": ("Choose…", "Choisissez…", "Bitte wählen…", "Elija…"),
    "optional": ("optional", "facultatif", "freiwillig", "opcional"),
    "score1": ("Terrible", "Très mal", "Sehr schlecht", "Muy mal"),
    "score2": ("Bad", "Mal", "Schlecht", "Mal"),
    "score3": ("Okay", "Moyen", "Mittel", "Regular"),
    "score4": ("Good", "Bien", "Gut", "Bien"),
    "score5": ("Great", "Très bien", "Sehr gut", "Muy bien"),
    "tooLong": (
        "{n} too many characters",
        "{n} caractères de trop",
        "{n} Zeichen zu viel",
        "Sobran {n} caracteres",
    ),
    "sound": ("Sound", "Son", "Ton", "Sonido"),
    "unread": ("unread: {n}", "non lus : {n}", "ungelesen: {n}", "sin leer: {n}"),
    "email": (
        "Your e-mail, so that we can write to you",
        "Votre e-mail, pour que nous puissions vous écrire",
        "Ihre E-Mail, damit wir Ihnen schreiben können",
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
        "Kurz vorab",
        "Unas palabras antes de empezar",
    ),
    "start": (
        "Start chat",
        "Commencer",
        "Chat beginnen",
        "Empezar el chat",
    ),
    "comment": (
        "Would you like to add something?",
        "Souhaitez-vous ajouter quelque chose ?",
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
