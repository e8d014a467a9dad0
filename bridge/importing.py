"""Botpress' `hitl.json` and `hitlnext.json` as the same settings of ours. Pure.

What has no counterpart is said, and nothing is dropped silently; no fault and no word of it ever
repeats a value, since headers of webhooks are secrets.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from bridge.settings_sections import SECTION_TYPES
from bridge.texts import as_it_stands, filled_at

Json = Mapping[str, Any]
UNITS: Mapping[str, float] = {
    "ms": 0.001,
    "s": 1,
    "m": 60,
    "h": 3_600,
    "d": 86_400,
    "w": 604_800,
    "y": 31_557_600,
}
"""Seconds in what the npm package `ms` reads, by the first letters that tell its units apart."""
DURATION = re.compile(r"(\d*\.?\d+) *([a-z]*)", re.IGNORECASE)
LONGEST_PREVIEW = 50
LONGEST = 10**9
"""Seconds: beyond that it is no time."""
PLACE = re.compile(r"\{\{\s*(.*?)\s*\}\}")


class BadImport(ValueError):
    """`faults`: what is wrong, by the name in the file."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        self.faults = dict(faults)
        super().__init__(", ".join(self.faults))


@dataclass
class Found:
    """Mutable, while a file is read: settings by section, what is to be said, what is wrong."""

    settings: dict[str, dict[str, Any]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)

    def put(self, section: str, key: str, value: Any) -> None:
        self.settings.setdefault(section, {})[key] = value

    def say(self, name: str, text: str) -> None:
        self.notes.append(f"{name}: {text}")


@dataclass(frozen=True, slots=True)
class Imported:
    settings: Mapping[str, Mapping[str, Any]]
    notes: tuple[str, ...]


Reader = Callable[[Found, str, Any], None]


# --- what a value is -----------------------------------------------------------------------------


def _is(kind: type | tuple[type, ...], what: str) -> Callable[[Reader], Reader]:
    """The reader, for values of this kind alone; true and false are no numbers."""

    def wrap(read: Reader) -> Reader:
        def checked(found: Found, name: str, value: Any) -> None:
            wanted = kind if isinstance(kind, tuple) else (kind,)
            if isinstance(value, wanted) and (bool in wanted or not isinstance(value, bool)):
                read(found, name, value)
            else:
                found.faults[name] = f"must be {what}"

        return checked

    return wrap


def seconds(text: str) -> float | None:
    """What `ms` reads of a text such as `10m`, `1.5 hours` or `500`; None: nothing."""
    matched = DURATION.fullmatch(text.strip())
    if not matched:
        return None
    number, unit = float(matched[1]), matched[2].lower()
    known = {"": "ms", "milliseconds": "ms", "msecs": "ms", "msec": "ms", "millisecond": "ms"}
    short = known.get(unit, unit if unit == "ms" else unit[:1])
    whole = ("", "ms", *known, *_spellings())
    return number * UNITS[short] if unit in whole else None


def _spellings() -> Iterator[str]:
    for word, short in (("second", "sec"), ("minute", "min"), ("hour", "hr"), ("year", "yr")):
        yield from (word[0], short, f"{short}s", word, f"{word}s")
    for word in ("day", "week"):
        yield from (word[0], word, f"{word}s")


# --- hitl.json -----------------------------------------------------------------------------------


@_is(bool, "true or false")
def _paused(found: Found, name: str, value: Any) -> None:
    if value:
        found.say(name, "is no setting here: pause the bot with `/desk pause all`")


@_is(str, "a text")
def _session_expiry(found: Found, name: str, _value: Any) -> None:
    found.say(name, "left out: Botpress never read it; conversations are kept")


@_is(list, "a list")
def _attributes(found: Found, name: str, value: Any) -> None:
    shown = []
    for number, each in enumerate(value):
        here = f"{name}[{number}]"
        if not isinstance(each, dict):
            found.faults[here] = "must be an object"
            continue
        label, path = each.get("label"), each.get("attributePath")
        if not isinstance(label, str) or not isinstance(path, str) or not label or not path:
            found.faults[here] = "must have a label and an attributePath"
            continue
        shown.append({"path": path, "label": label, **_details(found, here, each)})
    if shown:
        found.put("profile", "attributes", shown)


def _details(found: Found, here: str, each: Json) -> dict[str, str]:
    details = {}
    if (default := each.get("defaultValue")) not in {None, ""}:
        details["default"] = str(default)
    formatter = each.get("formatter") or ""
    if isinstance(formatter, str) and (shown := _format(formatter)) is not None:
        details |= {"format": shown} if shown else {}
        if formatter.startswith("moment:"):
            found.say(f"{here}.formatter", f"a format of its own is shown as {shown}")
    else:
        found.faults[f"{here}.formatter"] = "must be moment:…, date, datetime or fromNow"
    for other in sorted(each.keys() - {"label", "attributePath", "defaultValue", "formatter"}):
        found.say(f"{here}.{other}", "left out: it is none of Botpress' options")
    return details


def _format(formatter: str) -> str | None:
    plain = {"": "", "date": "date", "datetime": "datetime", "fromNow": "from_now"}
    if formatter.startswith("moment:"):
        return "datetime" if re.search(r"[HhkmsLl]", formatter[7:]) else "date"
    return plain.get(formatter)


# --- hitlnext.json -------------------------------------------------------------------------------


@_is((str, int, float), "a duration such as 10m")
def _agent_timeout(found: Found, name: str, value: Any) -> None:
    read = seconds(value) if isinstance(value, str) else value / 1_000
    if read is None or not 0 < read < LONGEST:
        found.faults[name] = "must be a duration such as 10m"
    else:
        found.put("agents", "idle_timeout", read)


@_is(dict, "an object")
def _auto_complete(found: Found, name: str, value: Any) -> None:
    trigger, shortcuts = value.get("trigger", ":"), value.get("shortcuts", [])
    found.put("templates", "trigger", trigger)
    if not isinstance(shortcuts, list) or not all(map(_is_a_shortcut, shortcuts)):
        found.faults[f"{name}.shortcuts"] = "must be a list, each with a name and a value"
        return
    named = [
        {"name": _one_word(found, name, each["name"]), "value": as_it_stands(each["value"])}
        for each in shortcuts
    ]
    if named:
        found.put("templates", "shortcuts", named)


def _is_a_shortcut(each: object) -> bool:
    return isinstance(each, dict) and all(
        isinstance(each.get(key), str) and each[key].strip() for key in ("name", "value")
    )


def _one_word(found: Found, name: str, text: str) -> str:
    word = "-".join(text.split())
    if word != text:
        found.say(name, f"{word} is written with - for spaces")
    return word


@_is(int, "a whole number")
def _message_count(found: Found, name: str, value: Any) -> None:
    if value > LONGEST_PREVIEW:
        found.say(name, f"more than {LONGEST_PREVIEW} messages are not shown before a handoff")
    found.put("handoff", "preview", min(value, LONGEST_PREVIEW))


@_is((int, float), "a number of minutes")
def _handoff_alert(found: Found, name: str, value: Any) -> None:
    if 0 <= value < LONGEST:
        found.put("alerts", "overdue_after", value * 60)
    else:
        found.faults[name] = "must be a number of minutes"


@_is(bool, "true or false")
def _default_username(found: Found, name: str, _value: Any) -> None:
    found.say(name, "left out: who has no name is called by one that is easy to tell apart")


@_is(str, "a text")
def _bot_avatar(found: Found, name: str, _value: Any) -> None:
    found.say(name, "left out: Botpress never read it")


@_is(list, "a list of texts")
def _tags(found: Found, name: str, value: Any) -> None:
    if not all(isinstance(tag, str) and tag.strip() for tag in value):
        found.faults[name] = "must be a list of texts"
        return
    words = dict.fromkeys(_one_word(found, name, tag) for tag in value)
    if words:
        found.put("labels", "names", list(words))


@_is(bool, "true or false")
def _deletion(found: Found, _name: str, value: Any) -> None:
    found.put("agents", "may_delete", value)


def _message(occasion: str) -> Reader:
    @_is(dict, "a text for each language")
    def read(found: Found, name: str, value: Any) -> None:
        if not all(isinstance(text, str) for text in value.values()):
            found.faults[name] = "must be a text for each language"
            return
        texts = {
            lang: _sayable(found, f"{name}.{lang}", text, occasion) for lang, text in value.items()
        }
        if texts:
            found.settings.setdefault("messages", {})[occasion] = texts

    return read


def _sayable(found: Found, name: str, text: str, occasion: str) -> str:
    """Without what nobody fills in, which customers would be told as it stands."""
    known = filled_at(occasion)
    for other in sorted(set(PLACE.findall(text)).difference(known)):
        found.say(name, f"{{{{{other}}}}} is not filled in here and left out: look at the text")
    return PLACE.sub(lambda place: place[0] if place[1] in known else "", text)


@_is(dict, "an object")
def _webhook(found: Found, name: str, value: Any) -> None:
    if value.get("url"):
        text = "is no setting here: register it with POST /v1/webhooks, events"
        more = "; its headers are not sent, each delivery is signed" if value.get("headers") else ""
        found.say(name, f'{text} ["hitlnext.*"]{more}')


READERS: Mapping[str, Mapping[str, Reader]] = {
    "hitl.json": {
        "paused": _paused,
        "sessionExpiry": _session_expiry,
        "attributes": _attributes,
    },
    "hitlnext.json": {
        "agentSessionTimeout": _agent_timeout,
        "autoComplete": _auto_complete,
        "messageCount": _message_count,
        "handoffAlert": _handoff_alert,
        "defaultUsername": _default_username,
        "botAvatarUrl": _bot_avatar,
        "tags": _tags,
        "enableConversationDeletion": _deletion,
        "transferMessage": _message("transfer"),
        "assignMessage": _message("assigned"),
        "eventsWebHook": _webhook,
    },
}


def read(text: str) -> Imported:
    """The settings of a file, and what is to be said of it. Raises BadImport with all faults."""
    values = _object(text)
    readers = _kind(values)
    found = Found()
    for name, value in values.items():
        reader = readers.get(name)
        if reader is None:
            found.say(name, "left out: it is none of Botpress' options")
        elif value is not None:
            reader(found, name, value)
    faults = {**found.faults, **_refused(found)}
    if faults:
        raise BadImport(faults)
    return Imported(found.settings, tuple(found.notes))


def _object(text: str) -> Json:
    try:
        values = json.loads(text)
    except ValueError as error:
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise BadImport({"the file": f"is no JSON{where}"}) from error
    except RecursionError as error:
        raise BadImport({"the file": "is nested too deep"}) from error
    if not isinstance(values, dict):
        raise BadImport({"the file": "must be a JSON object"})
    return values


def _kind(values: Json) -> Mapping[str, Reader]:
    """The module whose options it has; the two have none in common."""
    of = {kind: sorted(values.keys() & readers.keys()) for kind, readers in READERS.items()}
    kinds = [kind for kind, names in of.items() if names]
    if len(kinds) != 1:
        both = f"has options of both modules: {', '.join(map(str, of.values()))}"
        none = "has no option of hitl.json or of hitlnext.json"
        raise BadImport({"the file": both if kinds else none})
    return READERS[kinds[0]]


def _refused(found: Found) -> dict[str, str]:
    """What the settings themselves would not take, by our names."""
    faults = {}
    for section, values in found.settings.items():
        if section not in SECTION_TYPES:
            continue
        try:
            SECTION_TYPES[section].model_validate(values)
        except ValidationError as error:
            for fault in error.errors(include_input=False, include_url=False):
                path = ".".join(str(part) for part in fault["loc"])
                faults[f"{section}.{path}"] = fault["msg"][:1].lower() + fault["msg"][1:]
    return faults


# --- as deskbridge.toml --------------------------------------------------------------------------


def toml(imported: Imported, name: str) -> str:
    """The settings as a file, with what is to be said as comments at its top."""
    notes = [f"# {_plain(note)}" for note in imported.notes]
    parts = [[f"# Imported from {_plain(name)}", *notes]]
    for section, values in imported.settings.items():
        plain = {k: v for k, v in values.items() if not isinstance(v, dict)}
        if plain:
            parts.append([f"[{section}]", *(f"{k} = {_value(v)}" for k, v in plain.items())])
        for inner in values.keys() - plain.keys():
            lines = (f"{_value(k)} = {_value(v)}" for k, v in values[inner].items())
            parts.append([f"[{section}.{inner}]", *lines])
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _plain(text: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f]", " ", text)


def _value(value: Any) -> str:
    """JSON's texts and numbers are TOML's, but for what JSON leaves unescaped."""
    if isinstance(value, dict):
        inner = ", ".join(f"{k} = {_value(v)}" for k, v in value.items())
        return f"{{ {inner} }}"
    if isinstance(value, list):
        return "[\n" + "".join(f"    {_value(each)},\n" for each in value) + "]"
    if isinstance(value, str):
        lone = re.sub("[\ud800-\udfff]", "\ufffd", value)
        return json.dumps(lone, ensure_ascii=False).replace("\x7f", "\\u007f")
    return json.dumps(value)
