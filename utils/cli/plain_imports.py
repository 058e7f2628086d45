"""Imports without what the imported would load only to look nicer on a terminal."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without(*names: str) -> Iterator[None]:
    """Inside, these modules are not there for who can do without them, unless they are loaded already."""
    hidden = [name for name in names if name not in sys.modules]
    # None stands for a module that cannot be found: https://docs.python.org/3/reference/import.html#the-module-cache
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # typeshed does not know of that
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
