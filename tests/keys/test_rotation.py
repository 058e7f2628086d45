"""Another master key for the same store, and nothing lost on the way, wherever it ends."""

import contextlib
import json

import pytest

from utils.errors import KeyStoreError
from utils.keys.store import Master, store_of
from utils.keys.store import files as files_of_the_store

VALUES = {"A_KEY": "value of a", "B_KEY": "value of b"}


class Killed(BaseException):
    """What a process that is killed does: nothing more."""


@pytest.fixture
def filled(store):
    for name, value in VALUES.items():
        store.set(name, value)
    return store


def test_every_value_is_sealed_anew_and_read_as_before(filled, file, master_file, places):
    before, old_master = json.loads(file.read_text()), master_file.read_bytes()

    assert filled.rotate(Master.new()) == 2

    after = json.loads(file.read_text())
    assert store_of(places).read().values == VALUES
    assert store_of(places).read().changed == {name: each["changed"] for name, each in before["secrets"].items()}
    assert master_file.read_bytes() != old_master
    assert all(after["secrets"][name]["sealed"] != before["secrets"][name]["sealed"] for name in VALUES)
    assert sorted(path.name for path in master_file.parent.iterdir()) == ["keys.master", "keys.master.lock"]


def test_the_old_master_key_opens_nothing_any_more(filled, master_file):
    old = master_file.read_bytes()

    filled.rotate(Master.new())
    master_file.write_bytes(old)

    with pytest.raises(KeyStoreError, match="is not the one"):
        filled.read()


def test_a_master_key_in_a_variable_is_replaced_by_its_owner(places, master_file):
    old, new = {**places, "KEYS_MASTER_KEY": "01" * 32}, {**places, "KEYS_MASTER_KEY": "a new passphrase"}
    store_of(old).set("A_KEY", "value")

    store_of(old).rotate(Master("a new passphrase"))

    assert store_of(new).read().values == {"A_KEY": "value"}
    assert not master_file.exists()
    with pytest.raises(KeyStoreError, match="is not the one"):
        store_of(old).read()


def killed_at(monkeypatch, step, number):
    """Let the process be killed just before, or just after, the step happens for the nth time."""
    calls = 0
    name = step.removesuffix(" done").removeprefix("os.")
    real = getattr(files_of_the_store.os, name)

    def counting(*args):
        nonlocal calls
        calls += 1
        if calls == number and not step.endswith(" done"):
            raise Killed
        real(*args)
        if calls == number:
            raise Killed

    monkeypatch.setattr(files_of_the_store.os, name, counting)


@pytest.mark.parametrize("number", range(1, 8))
@pytest.mark.parametrize("step", ["os.fsync", "os.replace", "os.fsync done", "os.replace done"])
def test_whenever_it_is_killed_every_value_can_be_read_and_the_next_one_finishes(filled, places, step, number):
    with pytest.MonkeyPatch.context() as monkeypatch:
        killed_at(monkeypatch, step, number)
        with contextlib.suppress(Killed):
            filled.rotate(Master.new())

    after = store_of(places)
    assert after.read().values == VALUES
    after.set("C_KEY", "value of c")
    assert store_of(places).read().values == {**VALUES, "C_KEY": "value of c"}
    after.rotate(Master.new())
    assert store_of(places).read().values == {**VALUES, "C_KEY": "value of c"}


@pytest.mark.parametrize("number", range(1, 4))
def test_killed_twice_at_the_same_place_loses_nothing_either(filled, places, number):
    for _ in range(2):
        with pytest.MonkeyPatch.context() as monkeypatch:
            killed_at(monkeypatch, "os.replace done", number)
            with contextlib.suppress(Killed):
                store_of(places).rotate(Master.new())

    assert store_of(places).read().values == VALUES


def test_a_store_with_a_value_that_cannot_be_opened_is_not_rotated(filled, file, master_file):
    document = json.loads(file.read_text())
    document["secrets"]["A_KEY"]["sealed"] = document["secrets"]["B_KEY"]["sealed"]
    file.write_text(json.dumps(document))
    before = (file.read_bytes(), master_file.read_bytes())

    with pytest.raises(KeyStoreError, match="nothing was changed: A_KEY"):
        filled.rotate(Master.new())

    assert (file.read_bytes(), master_file.read_bytes()) == before
    assert [other.name for other in master_file.parent.glob("*.next")] == []


def test_there_is_nothing_to_rotate_where_there_is_no_store(store, master_file):
    with pytest.raises(KeyStoreError, match="nothing to seal anew"):
        store.rotate(Master.new())

    assert not master_file.exists()
