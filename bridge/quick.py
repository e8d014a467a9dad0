"""Frozen dataclasses that cost what plain ones do, to make and to change.

A frozen dataclass fills each of its fields through `object.__setattr__`, which makes an object of
twenty fields six times dearer than a plain one, and every command makes dozens. `quick` lets the
object be of a class that may be written to until it is filled, and of its frozen class from then
on.
"""

from __future__ import annotations

from dataclasses import MISSING, Field, fields
from functools import update_wrapper
from typing import Any, TypeVar

X = TypeVar("X")
_OPEN = {
    "__slots__": (),
    # Both, or the interpreter takes its slow way for either.
    "__setattr__": object.__setattr__,
    "__delattr__": object.__delattr__,
}


def quick(frozen: type[X]) -> type[X]:
    """The same class, a frozen dataclass with slots and no `__post_init__`, made faster."""
    kind: Any = frozen
    names: dict[str, Any] = {
        "_closed": kind,
        "_opened": type(kind.__name__, (kind,), _OPEN),
        "_put": object.__setattr__,
        "_absent": MISSING,
        "_new": object.__new__,
    }
    for each in fields(kind):
        names[f"_default_{each.name}"] = each.default
        names[f"_make_{each.name}"] = each.default_factory
    # As dataclasses do it themselves: only a function with the fields' own names is fast.
    exec(_source(fields(kind)), names)  # noqa: S102 - the names are those of a class of ours
    kind.__init__ = update_wrapper(names["__init__"], kind.__init__)
    kind._changed = names["_changed"]  # for `model.replace`
    return frozen


def _source(of: tuple[Field[Any], ...]) -> str:
    fill = "".join(f"    self.{each.name} = {_value(each)}\n" for each in of)
    copy = "".join(f"    new.{each.name} = self.{each.name}\n" for each in of)
    return (
        f"def __init__(self, {', '.join(map(_parameter, of))}):\n"
        f"    _put(self, '__class__', _opened)\n{fill}    self.__class__ = _closed\n"
        "def _changed(self, changes):\n"
        f"    new = _new(_opened)\n{copy}"
        "    for name in changes:\n        setattr(new, name, changes[name])\n"
        "    new.__class__ = _closed\n    return new\n"
    )


def _parameter(each: Field[Any]) -> str:
    if each.default is not MISSING:
        return f"{each.name}=_default_{each.name}"
    return f"{each.name}=_absent" if each.default_factory is not MISSING else each.name


def _value(each: Field[Any]) -> str:
    if each.default_factory is MISSING:
        return each.name
    return f"_make_{each.name}() if {each.name} is _absent else {each.name}"
