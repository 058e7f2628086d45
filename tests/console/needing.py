"""Tests that need a package which not everybody has. Where it is missing they are skipped, and say why."""

from collections.abc import Callable, Iterable
from importlib.util import find_spec
from pathlib import Path

import pytest

Hook = Callable[[Path, pytest.Collector], pytest.Module | None]


class _Skipped(pytest.Module):
    """A module that is not even imported."""

    why = ""

    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        pytest.skip(self.why, allow_module_level=True)


def skipped_without(package: str, why: str) -> Hook:
    """What a conftest.py calls `pytest_pycollect_makemodule`: a skip that the file itself raises ends the session."""

    def make_module(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
        if find_spec(package) is not None:
            return None
        module: _Skipped = _Skipped.from_parent(parent, path=module_path)
        module.why = why
        return module

    return make_module
