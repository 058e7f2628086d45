"""What is read to its end or left before: either way it is closed, where it can be."""

from collections.abc import AsyncGenerator, AsyncIterable
from contextlib import AbstractAsyncContextManager, aclosing, nullcontext
from typing import Any


def closing(items: AsyncIterable[Any]) -> AbstractAsyncContextManager[AsyncIterable[Any]]:
    """The items, closed in the end. A plugin or a bot may give an iterator that has no such end."""
    return aclosing(items) if isinstance(items, AsyncGenerator) else nullcontext(items)
