"""Limits of Block Kit's elements and text objects."""

from collections.abc import Iterable, Iterator

from sandbox.slack.config import Json

_SELECTS = {
    f"{prefix}{kind}_select"
    for prefix in ("", "multi_")
    for kind in ("static", "external", "users", "conversations", "channels")
}
_PICKERS = {"datepicker", "timepicker", "datetimepicker", "checkboxes", "radio_buttons"}
SECTION_ELEMENTS = _SELECTS | _PICKERS | {"button", "overflow", "image", "workflow_button"}
ACTION_ELEMENTS = {e for e in _SELECTS if not e.startswith("multi_")} | _PICKERS | {
    "button", "overflow", "workflow_button", "rich_text_input",
}  # fmt: skip
INPUT_ELEMENTS = _SELECTS | _PICKERS | {
    "plain_text_input", "email_text_input", "url_text_input", "number_input", "file_input",
    "rich_text_input",
}  # fmt: skip
OPTIONS = {"checkboxes": 10, "radio_buttons": 10, "overflow": 5}
INPUT_LENGTH = 3000
MOST_GROUPS = 100
CONFIRM = {"title": 100, "text": 300, "confirm": 30, "deny": 30}


def length(record: Json, key: str, most: int, at: str) -> Iterator[str]:
    """A text that may be absent, but not longer than `most` characters, of which those beyond the
    basic plane, emoji for one, count as two."""
    value = record.get(key)
    if value is None:
        return
    if not isinstance(value, str):
        yield f"must be a string [json-pointer:{at}/{key}]"
    elif len(value.encode("utf-16-le", "surrogatepass")) > 2 * most:
        yield f"must be less than {most + 1} characters [json-pointer:{at}/{key}]"


def check_text(text: object, most: int, at: str, *, plain_only: bool = False) -> Iterator[str]:
    """A text object: its type and its length."""
    if not isinstance(text, dict):
        yield f"missing required field: text object [json-pointer:{at}]"
        return
    kinds = {"plain_text"} if plain_only else {"plain_text", "mrkdwn"}
    if text.get("type") not in kinds:
        yield f"must be one of {', '.join(sorted(kinds))} [json-pointer:{at}/type]"
    if not isinstance(text.get("text"), str) or not text["text"]:
        yield f"must be more than 0 characters [json-pointer:{at}/text]"
    allowed = {"type", "text", "emoji"} if text.get("type") == "plain_text" else {
        "type", "text", "verbatim",
    }  # fmt: skip
    if set(text) - allowed:
        yield f"additional property: {min(set(text) - allowed)} [json-pointer:{at}]"
    yield from length(text, "text", most, at)


def check_element(element: object, allowed: Iterable[str], at: str) -> Iterator[str]:
    """An interactive element (or image) where only `allowed` types may stand."""
    if not isinstance(element, dict):
        yield f"missing required field: element [json-pointer:{at}]"
        return
    kind = str(element.get("type"))
    if kind not in allowed:
        yield f"unsupported type: {kind} [json-pointer:{at}/type]"
        return
    yield from length(element, "action_id", 255, at)
    if element.get("placeholder") is not None:
        yield from check_text(element["placeholder"], 150, f"{at}/placeholder", plain_only=True)
    if element.get("confirm") is not None:
        yield from _confirm(element["confirm"], f"{at}/confirm")
    yield from _by_kind(kind, element, at)


def _by_kind(kind: str, element: Json, at: str) -> Iterator[str]:
    if kind == "button":
        yield from _button(element, at)
    elif kind == "image":
        yield from _image(element, at)
    elif kind == "plain_text_input":
        yield from _text_input(element, at)
    elif "static_select" in kind or kind in OPTIONS:
        yield from _choices(kind, element, at)


def _button(element: Json, at: str) -> Iterator[str]:
    yield from check_text(element.get("text"), 75, f"{at}/text", plain_only=True)
    yield from length(element, "value", 2000, at)
    yield from length(element, "url", 3000, at)
    yield from length(element, "accessibility_label", 75, at)
    if element.get("style") not in (None, "primary", "danger"):
        yield f"must be a valid enum value [json-pointer:{at}/style]"


def _image(element: Json, at: str) -> Iterator[str]:
    if not element.get("alt_text"):
        yield f"missing required field: alt_text [json-pointer:{at}/alt_text]"
    if not element.get("image_url") and not element.get("slack_file"):
        yield f"missing required field: image_url [json-pointer:{at}/image_url]"
    yield from length(element, "alt_text", 2000, at)
    yield from length(element, "image_url", 3000, at)


def _text_input(element: Json, at: str) -> Iterator[str]:
    longest, shortest = element.get("max_length"), element.get("min_length")
    if longest is not None and not 1 <= longest <= INPUT_LENGTH:
        yield f"must be between 1 and 3000 [json-pointer:{at}/max_length]"
    if shortest is not None and not 0 <= shortest <= INPUT_LENGTH:
        yield f"must be between 0 and 3000 [json-pointer:{at}/min_length]"
    if longest is not None and len(element.get("initial_value") or "") > longest:
        yield f"initial_value is too long [json-pointer:{at}/initial_value]"


def _choices(kind: str, element: Json, at: str) -> Iterator[str]:
    options, groups = element.get("options"), element.get("option_groups")
    if groups is not None and kind not in OPTIONS:
        yield from _groups(groups, f"{at}/option_groups")
        return
    yield from check_options(options, OPTIONS.get(kind, 100), f"{at}/options")


def _groups(groups: object, at: str) -> Iterator[str]:
    if not isinstance(groups, list) or not 1 <= len(groups) <= MOST_GROUPS:
        yield f"must have 1 to 100 items [json-pointer:{at}]"
        return
    for index, group in enumerate(groups):
        yield from check_text(group.get("label"), 75, f"{at}/{index}/label", plain_only=True)
        yield from check_options(group.get("options"), 100, f"{at}/{index}/options")


def check_options(options: object, most: int, at: str) -> Iterator[str]:
    """A list of options of a menu."""
    if not isinstance(options, list) or not 1 <= len(options) <= most:
        yield f"must have 1 to {most} items [json-pointer:{at}]"
        return
    for index, option in enumerate(options):
        where = f"{at}/{index}"
        yield from check_text(option.get("text"), 75, f"{where}/text")
        if not option.get("value"):
            yield f"missing required field: value [json-pointer:{where}/value]"
        yield from length(option, "value", 150, where)
        if option.get("description") is not None:
            yield from check_text(option["description"], 75, f"{where}/description")


def _confirm(confirm: object, at: str) -> Iterator[str]:
    if not isinstance(confirm, dict):
        yield f"must be an object [json-pointer:{at}]"
        return
    for key, most in CONFIRM.items():
        if key == "text" or confirm.get(key) is not None:
            yield from check_text(confirm.get(key), most, f"{at}/{key}")
