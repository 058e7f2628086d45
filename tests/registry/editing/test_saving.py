"""A file is written whole or not at all, by one writer at a time, and stays what it is."""

import os
import stat
import threading

import pytest

from tests.registry.editing.files import bot, edit_of, setting
from utils.errors import EditRefused
from utils.registry.editing import names_in
from utils.registry.editing.lock import locked


def test_the_mode_of_the_file_is_kept(tmp_path):
    edit = edit_of(tmp_path, setting("Poet", "temperature", 1))
    edit.paths["bots"].chmod(0o640)

    edit.save()

    assert stat.S_IMODE(edit.paths["bots"].stat().st_mode) == 0o640


def test_a_link_goes_on_leading_to_the_file(tmp_path):
    edit = edit_of(tmp_path, setting("Poet", "temperature", 1))
    real = tmp_path / "real.yaml"
    edit.paths["bots"].rename(real)
    edit.paths["bots"].symlink_to(real)

    edit.save()

    assert edit.paths["bots"].is_symlink()
    assert "temperature: 1" in real.read_text()


def test_nothing_is_left_beside_the_files(tmp_path):
    edit_of(tmp_path, setting("Poet", "temperature", 1)).save()

    assert sorted(path.name for path in tmp_path.iterdir()) == ["bots.yaml", "providers.yaml"]


def test_a_write_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    edit = edit_of(tmp_path, setting("Poet", "temperature", 1))
    before = edit.paths["bots"].read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(EditRefused, match="no space left"):
        edit.save()

    assert edit.paths["bots"].read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bots.yaml", "providers.yaml"]


def test_what_changed_since_the_preview_is_kept_and_the_change_made_on_top(tmp_path):
    edit = edit_of(tmp_path, setting("Poet", "temperature", 1))
    edit.preview()
    with edit.paths["bots"].open("a") as file:
        file.write("    max_tokens: 5  # by hand\n")

    edit.save()

    assert edit.paths["bots"].read_text().endswith("    max_tokens: 5  # by hand\n    temperature: 1\n")


def test_what_became_impossible_since_the_preview_is_refused(tmp_path):
    edit = edit_of(tmp_path, bot("New"))
    edit.preview()
    edit_of(tmp_path, bot("New")).save()

    with pytest.raises(EditRefused, match="already a bot `New`"):
        edit.save()


def test_a_file_that_is_being_changed_is_waited_for_and_the_holder_named(tmp_path):
    edit = edit_of(tmp_path, setting("Poet", "temperature", 1))

    with locked(edit.paths["bots"], 1), pytest.raises(EditRefused, match=rf"process {os.getpid()} since") as refusal:
        edit.save(wait_seconds=0)

    assert refusal.value.reason == "busy"


def test_the_difference_is_shown_without_being_made(tmp_path):
    edit = edit_of(tmp_path, setting("Poet", "temperature", 1))

    diff = edit.preview()

    assert "+    temperature: 1\n" in diff
    assert "temperature" not in edit.paths["bots"].read_text()


def test_many_writers_at_once_lose_nothing(tmp_path):
    edits = [edit_of(tmp_path, bot(f"Bot{number}")) for number in range(20)]
    writers = [threading.Thread(target=edit.save, kwargs={"wait_seconds": 50}) for edit in edits]

    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert sorted(names_in(tmp_path / "bots.yaml", "bots")) == sorted(["Poet", *(f"Bot{n}" for n in range(20))])


@pytest.mark.parametrize("content", [b"bots:\n  - \xff\n", b"bots: [", b"- a\n", b"bots: {a: 1}\n"])
def test_a_file_that_cannot_be_read_is_left_alone(tmp_path, content):
    edit = edit_of(tmp_path, bot("New"))
    edit.paths["bots"].write_bytes(content)

    with pytest.raises(EditRefused):
        edit.save()

    assert edit.paths["bots"].read_bytes() == content


def test_a_file_that_its_owner_made_read_only_stays_as_it_is(tmp_path):
    edit = edit_of(tmp_path, setting("Poet", "temperature", 1))
    edit.paths["bots"].chmod(0o444)
    before = edit.paths["bots"].read_bytes()

    with pytest.raises(EditRefused, match="is read-only"):
        edit.save()

    assert edit.paths["bots"].read_bytes() == before
