"""Journals that were left behind at any point: what was taken is replayed, and what is torn is passed over."""

import tempfile
from pathlib import Path

import msgspec
from hypothesis import example, given, settings
from hypothesis import strategies as st

from utils.ledger import UsageRecord
from utils.ledger.journal import Journal
from utils.ledger.segment import Orphan, lines_in

RECORDS = [UsageRecord(id=f"{number:032x}", bot="Poet") for number in range(6)]
LINES = [msgspec.json.encode(record) + b"\n" for record in RECORDS]


def replayed(path: Path) -> list[str]:
    return [line.id for line in lines_in(path) if isinstance(line, UsageRecord)]


@given(cut=st.integers(0, sum(map(len, LINES))))
@settings(max_examples=200)
def test_a_file_that_ends_anywhere_holds_every_record_before_its_end(cut):
    whole = b"".join(LINES)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "1.jsonl"
        path.write_bytes(whole[:cut])

        found = replayed(path)

    ends = [len(b"".join(LINES[: number + 1])) for number in range(len(LINES))]
    assert found == [record.id for record, end in zip(RECORDS, ends, strict=True) if end <= cut]


@given(at=st.integers(0, len(LINES) - 1), junk=st.binary(max_size=300))
@example(at=0, junk=b'{"": ""}')
@settings(max_examples=200)
def test_a_line_that_is_no_record_takes_no_other_with_it(at, junk):
    junk = junk.replace(b"\n", b"\0") + b"\n"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "1.jsonl"
        path.write_bytes(b"".join(LINES[:at]) + junk + b"".join(LINES[at:]))

        found = replayed(path)

    assert found == [record.id for record in RECORDS]


@given(steps=st.lists(st.sampled_from(["take", "spill", "commit", "look"]), max_size=40))
@settings(max_examples=100)
def test_no_file_is_removed_before_its_records_are_in_the_database(steps):
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal(Path(folder) / "journal", largest_bytes=len(LINES[0]) * 2)
        waiting, spilled, number = [], set(), 0
        for step in steps:
            if step in ("take", "spill"):
                number += 1
                record = UsageRecord(id=f"{number:032x}")
                segment = journal.append(msgspec.json.encode(record) + b"\n", is_kept=step == "take")
                assert segment is not None
                if step == "take":
                    waiting.append((record.id, segment))
                else:
                    spilled.add(record.id)
            elif step == "commit" and waiting:
                journal.committed({waiting.pop(0)[1]: 1})
            else:
                journal.make_reserve()
                for segment in journal.done():
                    spilled -= {record.id for record in segment.records()}
                    journal.drop(segment)
            kept = {name for path in journal.folder.glob("*.jsonl") for name in replayed(path)}
            assert {name for name, _ in waiting} | spilled <= kept
        journal.close()


def test_a_segment_of_a_process_that_lives_is_nobodys_orphan(tmp_path):
    journal = Journal(tmp_path)
    segment = journal.append(LINES[0], is_kept=True)

    found = [Orphan.found(path) for path in tmp_path.glob("*.jsonl")]
    journal.close()
    later = [Orphan.found(path) for path in tmp_path.glob("*.jsonl")]

    assert segment is not None
    assert found == [None]
    assert [[record.id for record in orphan.lines()] for orphan in later] == [[RECORDS[0].id]]
    for orphan in later:
        orphan.close(remove=True)
    assert list(tmp_path.iterdir()) == []


def test_the_files_are_for_their_owner_only(tmp_path):
    journal = Journal(tmp_path / "journal")

    journal.append(LINES[0], is_kept=True)

    assert [path.stat().st_mode & 0o777 for path in (tmp_path / "journal").iterdir()] == [0o600]
    journal.close()


def test_a_record_of_a_version_with_more_fields_is_understood(tmp_path):
    path = tmp_path / "1.jsonl"
    path.write_bytes(LINES[0].replace(b'"bot":', b'"mood":"good","bot":'))

    assert replayed(path) == [RECORDS[0].id]
