"""What streams and documents have in common: an answer to be given, as parts that are sent one by one."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from ..script import Script
from .wire import Completion

Parts = AsyncGenerator[bytes, None]


class Dropped(Exception):
    """The connection shall end here, in the middle of the answer."""


class Reset(Dropped):
    """It shall not just end: the other side shall be told that the connection is broken."""


@dataclass(frozen=True)
class Turn:
    """One answer that is about to be given."""

    script: Script
    completion: Completion
    includes_usage: bool = False
