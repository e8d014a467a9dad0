"""Block Kit's limits, checked as Slack checks them.

Each problem reads like Slack's own: what is wrong, then where, as a JSON pointer. What
`slack_sdk.models` can parse is also put to its validators, so two independent readings of the
rules have to agree that a block is good.
"""

import logging
from collections.abc import Callable, Iterator

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from sandbox.slack.config import Json
from sandbox.slack.element_limits import (
    ACTION_ELEMENTS,
    INPUT_ELEMENTS,
    SECTION_ELEMENTS,
    check_element,
    check_text,
    length,
)

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
VIEW_BYTES = 250_000
TABLE_COLUMNS = 20
TABLE_CHARACTERS = 10_000
MARKDOWN_CHARACTERS = 12_000
logger = logging.getLogger(__name__)


def check_blocks(blocks: object, *, most: int = MESSAGE_BLOCKS, root: str = "/blocks") -> list[str]:
    """What is wrong with a list of blocks; empty when Slack would take it."""
    if not isinstance(blocks, list):
        return [f"must be an array [json-pointer:{root}]"]
    problems = list(_list_problems(blocks, most, root))
    for index, block in enumerate(blocks):
        problems += _block_problems(block, f"{root}/{index}")
    return problems or _second_opinion(blocks, root)


def _list_problems(blocks: list[object], most: int, root: str) -> Iterator[str]:
    if len(blocks) > most:
        yield f"no more than {most} items allowed [json-pointer:{root}]"
    ids = [block.get("block_id") for block in blocks if isinstance(block, dict)]
    named = [block_id for block_id in ids if isinstance(block_id, str) and block_id]
    for block_id in {name for name in named if named.count(name) > 1}:
        yield f"`block_id` {block_id} already exists [json-pointer:{root}]"
    markdown = (b for b in blocks if isinstance(b, dict) and b.get("type") == "markdown")
    text = sum(len(str(block.get("text", ""))) for block in markdown)
    if text > MARKDOWN_CHARACTERS:
        yield f"markdown text too long [json-pointer:{root}]"


def _is(block: object, kind: str) -> bool:
    return isinstance(block, dict) and block.get("type") == kind


def _block_problems(block: object, at: str) -> list[str]:
    if not isinstance(block, dict):
        return [f"must be an object [json-pointer:{at}]"]
    check = CHECKS.get(str(block.get("type")))
    if check is None:
        return [f"unsupported type: {block.get('type')} [json-pointer:{at}/type]"]
    try:
        return [*length(block, "block_id", 255, at), *check(block, at)]
    except (TypeError, AttributeError):  # a list where an object belongs, or the reverse
        return [f"must be a valid {block['type']} block [json-pointer:{at}]"]


def _section(block: Json, at: str) -> Iterator[str]:
    text, fields = block.get("text"), block.get("fields")
    if text is None and not fields:
        yield f"missing required field: text or fields [json-pointer:{at}]"
    if text is not None:
        yield from check_text(text, 3000, f"{at}/text")
    if fields is not None:
        yield from _sized(fields, 10, f"{at}/fields")
        for index, field in enumerate(fields):
            yield from check_text(field, 2000, f"{at}/fields/{index}")
    if block.get("accessory") is not None:
        yield from check_element(block["accessory"], SECTION_ELEMENTS, f"{at}/accessory")


def _sized(items: object, most: int, at: str) -> Iterator[str]:
    if not isinstance(items, list):
        yield f"must be an array [json-pointer:{at}]"
    elif not items:
        yield f"must have at least 1 item [json-pointer:{at}]"
    elif len(items) > most:
        yield f"no more than {most} items allowed [json-pointer:{at}]"


def _context(block: Json, at: str) -> Iterator[str]:
    elements = block.get("elements")
    yield from _sized(elements, 10, f"{at}/elements")
    for index, element in enumerate(elements if isinstance(elements, list) else ()):
        where = f"{at}/elements/{index}"
        if _is(element, "image"):
            yield from check_element(element, SECTION_ELEMENTS, where)
        else:
            yield from check_text(element, 3000, where)


def _actions(block: Json, at: str) -> Iterator[str]:
    elements = block.get("elements")
    yield from _sized(elements, 25, f"{at}/elements")
    names = []
    for index, element in enumerate(elements if isinstance(elements, list) else ()):
        yield from check_element(element, ACTION_ELEMENTS, f"{at}/elements/{index}")
        if isinstance(element, dict) and element.get("action_id"):
            names.append(element["action_id"])
    if len(names) != len(set(names)):
        yield f"`action_id` already exists [json-pointer:{at}/elements]"


def _header(block: Json, at: str) -> Iterator[str]:
    yield from check_text(block.get("text"), 150, f"{at}/text", plain_only=True)


def _image(block: Json, at: str) -> Iterator[str]:
    if not block.get("alt_text"):
        yield f"missing required field: alt_text [json-pointer:{at}/alt_text]"
    if not block.get("image_url") and not block.get("slack_file"):
        yield f"missing required field: image_url [json-pointer:{at}/image_url]"
    yield from length(block, "alt_text", 2000, at)
    yield from length(block, "image_url", 3000, at)
    if block.get("title") is not None:
        yield from check_text(block["title"], 2000, f"{at}/title", plain_only=True)


def _input(block: Json, at: str) -> Iterator[str]:
    yield from check_text(block.get("label"), 2000, f"{at}/label", plain_only=True)
    if block.get("hint") is not None:
        yield from check_text(block["hint"], 2000, f"{at}/hint", plain_only=True)
    yield from check_element(block.get("element"), INPUT_ELEMENTS, f"{at}/element")


def _rich_text(block: Json, at: str) -> Iterator[str]:
    kinds = {"rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"}
    elements = block.get("elements")
    if not isinstance(elements, list) or not elements:
        yield f"missing required field: elements [json-pointer:{at}/elements]"
        return
    for index, element in enumerate(elements):
        where = f"{at}/elements/{index}"
        if not isinstance(element, dict) or element.get("type") not in kinds:
            yield f"unsupported type [json-pointer:{where}/type]"
            continue
        yield from _rich_children(element, where)


RICH_PARTS = {
    "text": "text", "link": "url", "user": "user_id", "channel": "channel_id", "emoji": "name",
    "usergroup": "usergroup_id", "broadcast": "range", "date": "timestamp", "color": "value",
    "team": "team_id",
}  # fmt: skip


def _rich_children(element: Json, at: str) -> Iterator[str]:
    children = element.get("elements")
    if not isinstance(children, list):
        yield f"missing required field: elements [json-pointer:{at}/elements]"
        return
    for index, child in enumerate(children):
        where = f"{at}/elements/{index}"
        kind = child.get("type") if isinstance(child, dict) else None
        if kind == "rich_text_section" and element["type"] == "rich_text_list":
            yield from _rich_children(child, where)
        elif kind not in RICH_PARTS:
            yield f"unsupported type: {kind} [json-pointer:{where}/type]"
        elif child.get(RICH_PARTS[kind]) in (None, ""):
            yield f"missing required field: {RICH_PARTS[kind]} [json-pointer:{where}]"
        elif kind == "text":
            yield from length(child, "text", 3000, where)


def _table(block: Json, at: str) -> Iterator[str]:
    rows = block.get("rows")
    yield from _sized(rows, 100, f"{at}/rows")
    rows = rows if isinstance(rows, list) else []
    if any(len(row) > TABLE_COLUMNS for row in rows):
        yield f"no more than 20 columns allowed [json-pointer:{at}/rows]"
    cells = (cell for row in rows for cell in row if isinstance(cell, dict))
    if sum(len(str(cell.get("text", ""))) for cell in cells) > TABLE_CHARACTERS:
        yield f"table too large [json-pointer:{at}/rows]"


def _markdown(block: Json, at: str) -> Iterator[str]:
    if not block.get("text"):
        yield f"missing required field: text [json-pointer:{at}/text]"
    yield from length(block, "text", MARKDOWN_CHARACTERS, at)


def _file(block: Json, at: str) -> Iterator[str]:
    if block.get("source") != "remote" or not block.get("external_id"):
        yield f"invalid file block [json-pointer:{at}]"


def _nothing(_block: Json, _at: str) -> Iterator[str]:
    return iter(())


CHECKS: dict[str, Callable[[Json, str], Iterator[str]]] = {
    "section": _section, "context": _context, "actions": _actions, "header": _header,
    "image": _image, "input": _input, "rich_text": _rich_text, "table": _table,
    "markdown": _markdown, "file": _file, "divider": _nothing, "video": _nothing,
}  # fmt: skip


def _second_opinion(blocks: list[Json], root: str) -> list[str]:
    problems = []
    for index, block in enumerate(blocks):
        try:
            parsed = Block.parse(block)
            if parsed is not None:
                parsed.to_dict()
        except (SlackObjectFormationError, TypeError, AttributeError) as error:
            problems.append(f"{error} [json-pointer:{root}/{index}]")
    return problems


def check_view(view: object, size: int) -> list[str]:
    """What is wrong with a modal or Home tab; `size` is its JSON's bytes."""
    if not isinstance(view, dict):
        return ["must be an object [json-pointer:/view]"]
    problems = list(_view_problems(view))
    problems += check_blocks(view.get("blocks"), most=VIEW_BLOCKS, root="/view/blocks")
    if size > VIEW_BYTES:
        problems.append("view is too large [json-pointer:/view]")
    return problems or _view_opinion(view)


def _view_problems(view: Json) -> Iterator[str]:
    kind = view.get("type")
    if kind not in {"modal", "home"}:
        yield f"unsupported type: {kind} [json-pointer:/view/type]"
    if kind == "modal":
        yield from check_text(view.get("title"), 24, "/view/title", plain_only=True)
        for key in ("submit", "close"):
            if view.get(key) is not None:
                yield from check_text(view[key], 24, f"/view/{key}", plain_only=True)
        inputs = any(_is(block, "input") for block in view.get("blocks") or ())
        if inputs and view.get("submit") is None:
            yield "missing required field: submit [json-pointer:/view/submit]"
    yield from length(view, "private_metadata", 3000, "/view")
    yield from length(view, "callback_id", 255, "/view")
    yield from length(view, "external_id", 255, "/view")


def _view_opinion(view: Json) -> list[str]:
    try:
        View(**view).to_dict()
    except (SlackObjectFormationError, TypeError, AttributeError) as error:
        return [f"{error} [json-pointer:/view]"]
    return []
