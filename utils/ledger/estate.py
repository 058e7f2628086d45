"""What a dead process has left in the journal: its records, and attempts that have begun and will never end."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

import msgspec

from .record import SERVER_DIED, UsageRecord
from .segment import Begun, Orphan


class Estate:
    """All segments of one process that is dead, in their order, and locked by this one."""

    def __init__(self, segments: Sequence[Orphan]) -> None:
        self._segments = segments

    @classmethod
    def found(cls, paths: Sequence[Path]) -> "Estate | None":
        """What these segments of one process hold; None when it lives, or when somebody else was faster.

        It is all of them or none: where an attempt has begun says nothing of where it has ended.
        """
        segments: list[Orphan] = []
        for path in paths:
            if (segment := Orphan.found(path)) is None:
                cls(segments).close(remove=False)
                return None
            segments.append(segment)
        return cls(segments)

    def records(self) -> Iterator[UsageRecord | None]:
        """Every record, None for each line that cannot be read, and at last one for each attempt without an end.

        What has ended comes first: where its record is in the database already, the one without an end is none.
        """
        under_way: dict[str, UsageRecord] = {}
        for segment in self._segments:
            for line in segment.lines():
                if isinstance(line, Begun):
                    under_way[line.record.id] = line.record
                    continue
                if line is not None:
                    under_way.pop(line.id, None)
                yield line
        for record in under_way.values():
            yield msgspec.structs.replace(record, outcome="cancelled", error=SERVER_DIED)

    def close(self, *, remove: bool) -> None:
        """Give it up; without `remove` it is there for the next one."""
        for segment in self._segments:
            segment.close(remove=remove)


def estates_in(folder: Path) -> Iterator[Estate]:
    """Those of all dead processes, each locked while it is looked at."""
    for process, paths in groupby(_segments_in(folder), _process_of):
        known = list(paths)
        if (estate := Estate.found(known)) is None:
            continue
        # It may have made another one after the folder was read, and have died then: it has to be all of them.
        if known == [path for path in _segments_in(folder) if _process_of(path) == process]:
            yield estate
        else:
            estate.close(remove=False)


def _segments_in(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.jsonl"))


def _process_of(path: Path) -> str:
    """What the names of all its segments begin with."""
    process, _, _ = path.stem.rpartition("-")
    return process or path.stem
