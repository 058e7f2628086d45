"""Records as lines of the journal, with people under names that lead back to nobody."""

import msgspec

from .people import Pseudonyms
from .record import UsageRecord
from .rows import readable
from .segment import Begun

_encode = msgspec.json.Encoder().encode


class Lines:
    """Words every record whose times are numbers."""

    def __init__(self, people: Pseudonyms) -> None:
        self._people = people

    def of(self, record: UsageRecord) -> bytes:
        """The line of an attempt that is over."""
        return self._worded(record, is_over=True)

    def of_begun(self, record: UsageRecord) -> bytes:
        """The line of an attempt that is under way."""
        return self._worded(record, is_over=False)

    def _worded(self, record: UsageRecord, *, is_over: bool) -> bytes:
        # Before the salt is known nobody's id is written down: only the record in memory has it until then.
        user = self._people.of(record.user) if self._people.are_known else ""
        named = msgspec.structs.replace(record, user=user)
        try:
            return _encode(named if is_over else Begun(named)) + b"\n"
        except UnicodeEncodeError:
            return self._worded(readable(record), is_over=is_over)
