"""What is traced for coverage: all of the bridge is covered by the tests beside it.

What other tests reach of it is not counted, and tracing makes them take up to three times as long.
Nor is the collecting of tests traced: the lines that importing runs are traced once, in the process
that hands out the tests.
"""

from __future__ import annotations

from collections.abc import Generator
from importlib import import_module
from pkgutil import walk_packages
from typing import Any

import pytest

import bridge

TRACED = "tests/bridge/"


class Tracing:
    """Has coverage trace what is wanted; without `--cov` it does nothing."""

    def __init__(self, config: pytest.Config) -> None:
        self._plugins = config.pluginmanager
        self._hands_out = not hasattr(config, "workerinput")
        self._on = True
        if not self._hands_out:  # pytest-cov starts twice, and its first would go on in each pause
            self._trace(False)
            self._on = True  # again, when the session starts

    @pytest.hookimpl(wrapper=True)
    def pytest_collection(self) -> Generator[None, object, object]:
        if self._hands_out and self._plugins.hasplugin("_cov"):
            for module in walk_packages(bridge.__path__, "bridge."):
                import_module(module.name)
        self._trace(False)
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        self._trace(item.nodeid.startswith(TRACED))
        return (yield)

    def _trace(self, wanted: bool) -> None:
        plugin: Any = self._plugins.getplugin("_cov")
        if wanted == self._on or plugin is None or plugin.cov_controller is None:
            return
        if wanted:
            plugin.cov_controller.resume()
        else:
            plugin.cov_controller.pause()
        self._on = wanted
