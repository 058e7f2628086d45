"""Attempts, and what a process leaves in its journal when it is killed in the middle of them."""

import os
import shutil
import time
from contextlib import suppress
from pathlib import Path

from msgspec import structs

from utils.ledger import UsageRecord
from utils.ledger.estate import estates_in
from utils.ledger.lines import Lines
from utils.ledger.people import Pseudonyms

LINES = Lines(Pseudonyms.of_this_process())


def attempt(**fields) -> UsageRecord:
    """One that has just begun."""
    return UsageRecord(**{"bot": "Poet", "provider": "openai", "model": "m", "outcome": "cancelled", **fields})


def over(begun: UsageRecord) -> UsageRecord:
    """The same when it has ended well."""
    return structs.replace(begun, outcome="answered", input_tokens=7, output_tokens=3, first_content=0.1)


def as_a_kill_leaves_it(journal: Path, folder: Path) -> Path:
    """What stands in the files at this moment, with nobody who holds them.

    While they are copied one may go whose records stand in another by then: that is no moment, so they are copied anew.
    """
    while True:
        before, copy = sorted(os.listdir(journal)), folder / f"left-{time.monotonic_ns()}"
        with suppress(shutil.Error):
            shutil.copytree(journal, copy)
            if sorted(os.listdir(journal)) == before:
                return copy


def left_in(folder: Path) -> dict[str, UsageRecord]:
    """What would get into an empty database: the first record of each attempt."""
    found: dict[str, UsageRecord] = {}
    for estate in estates_in(folder):
        for record in estate.records():
            if record is not None:  # a line that a full disk has cut
                found.setdefault(record.id, record)
        estate.close(remove=False)
    return found
