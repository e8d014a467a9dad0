"""The settings' file: what it says, and where in it, or in the environment, what has a fault was
written, in the words of who wrote it: `[[queues]] "billing": undo_seconds`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

CONFIG = "DESKBRIDGE_CONFIG"
DEFAULT_CONFIG = Path("deskbridge.toml")
NAMED = ("name", "id", "label", "path")
"""By which of its keys one of several tables is called."""
ENVIRONMENT = "the environment"


def path_of(env: Mapping[str, str], given: Path | str | None) -> Path:
    return Path(given or env.get(CONFIG) or DEFAULT_CONFIG)


def file_values(
    env: Mapping[str, str], given: Path | str | None, faults: dict[str, str]
) -> dict[str, Any]:
    """What the file says; a file that was named must be there, the default one may be missing."""
    path = path_of(env, given)
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        if given or env.get(CONFIG):
            faults[CONFIG] = f"{path} does not exist"
    except OSError as error:
        faults[CONFIG] = f"{path} cannot be read: {error.strerror}"
    except ValueError as error:  # bad TOML or not UTF-8; says where, not what
        faults[CONFIG] = f"{path} is not valid TOML: {error}"
    return {}


# --- where ---------------------------------------------------------------------------------------


class Place(NamedTuple):
    """`source`: the environment, or the file's path; empty: it is not set."""

    written: str
    source: str = ""


def places(
    names: Sequence[str], env: Mapping[str, str], file: Mapping[str, Any], path: str
) -> dict[str, Place]:
    """By the names of faults (`SLACK_CHANNEL`, `queues[0].undo_seconds`). `file`: what it says."""
    return {name: _place(name, env, file, path) for name in names}


def _place(name: str, env: Mapping[str, str], file: Mapping[str, Any], path: str) -> Place:
    if env.get(name):
        return Place(name, ENVIRONMENT)
    if name.lower() in file and name != name.lower():
        return Place(name.lower(), path)
    keys = re.findall(r"[^.\[\]]+", name)
    return Place(_written(keys, file), path) if keys[0] in file else Place(name)


def _written(keys: Sequence[str], file: Mapping[str, Any]) -> str:
    """
    >>> _written(["queues", "0", "undo_seconds"], {"queues": [{"name": "a"}]})
    '[[queues]] "a": undo_seconds'
    """
    found: Any = file
    told, path = "", list[str]()
    for key in keys:
        if isinstance(found, str):
            break  # one text that has several, with commas: the fault is somewhere in it
        inside = _inside(found, key)
        if not isinstance(found, list):
            path.append(key)
        elif isinstance(inside, dict):
            told, path = f"[[{'.'.join(path)}]] {_called(inside, int(key))}: ", []
        else:
            path[-1] += f", entry {int(key) + 1}"
        found = inside
    if told or not isinstance(file[keys[0]], dict | list):
        return f"{told}{'.'.join(path)}".removesuffix(": ")
    *tables, last = path if len(path) > 1 else [*path, ""]
    brackets = "[[{}]] {}" if isinstance(file[keys[0]], list) else "[{}] {}"
    return brackets.format(".".join(tables), last).strip()


def _inside(found: Any, key: str) -> Any:
    if isinstance(found, list):
        return found[int(key)] if key.isdigit() and int(key) < len(found) else None
    return found.get(key) if isinstance(found, dict) else None


def _called(table: Mapping[str, Any], index: int) -> str:
    name = next((table[key] for key in NAMED if isinstance(table.get(key), str)), "")
    return f'"{name}"' if name else f"number {index + 1}"
