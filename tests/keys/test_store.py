"""The encrypted store in a file: what it keeps, and what it refuses."""

import base64
import json
import os
import stat
import subprocess
import sys
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from utils.errors import KeyStoreError
from utils.keys.store import Contents, store_of
from utils.keys.store.sealing import SealBroken, Sealer

CANARY = "sk-canary-0123456789"
NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,30}", fullmatch=True)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


def changed_file(file, change):
    document = json.loads(file.read_text())
    change(document)
    file.write_text(json.dumps(document))


@settings(max_examples=25)
@given(values=st.dictionaries(NAMES, TEXTS, max_size=4))
def test_what_is_set_is_what_is_read(values, tmp_path_factory):
    folder = tmp_path_factory.mktemp("store")
    store = store_of({"KEYS_FILE": str(folder / "k.json"), "KEYS_MASTER_KEY_FILE": str(folder / "k.master")})

    for name, value in values.items():
        store.set(name, value)

    assert store.read().values == values


@given(value=TEXTS, about=TEXTS, root=st.binary(min_size=32, max_size=32))
def test_a_seal_opens_only_for_what_it_was_made(value, about, root):
    sealer = Sealer(root, "store")
    sealed = sealer.seal(value, about)

    assert sealer.open(sealed, about) == value
    for other, name in ((sealer, f"{about}x"), (Sealer(root, "elsewhere"), about), (Sealer(bytes(32), "store"), about)):
        if other != sealer or name != about:
            with pytest.raises(SealBroken):
                other.open(sealed, name)


def test_the_same_value_never_looks_the_same_twice():
    sealer = Sealer(bytes(32), "store")

    assert len({sealer.seal("value", "NAME") for _ in range(100)}) == 100


def test_nothing_stored_is_nothing_and_makes_nothing(store, file, master_file):
    assert store.read() == Contents()
    assert store.delete("ANY") is False
    assert not file.exists()
    assert not master_file.exists()


def test_cryptography_is_imported_only_where_there_is_a_store(places):
    code = "import sys; from utils.keys import Keyring; Keyring().find('X'); sys.exit('cryptography' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], env={**os.environ, **places}).returncode == 0


def test_the_files_are_for_their_owner_only(store, file, master_file):
    store.set("A_KEY", CANARY)

    assert [stat.S_IMODE(path.stat().st_mode) for path in (file, master_file)] == [0o600, 0o600]
    assert CANARY not in file.read_text()
    assert sorted(path.name for path in file.parent.iterdir()) == ["keys.json", "keys.json.lock"]


def test_a_later_value_takes_the_place_of_an_earlier_one_and_a_deleted_one_is_gone(store):
    store.set("A_KEY", "first")
    store.set("B_KEY", "other")
    store.set("A_KEY", "second")

    assert store.read().values == {"A_KEY": "second", "B_KEY": "other"}
    assert store.delete("A_KEY") is True
    assert store.delete("A_KEY") is False
    assert store.read().values == {"B_KEY": "other"}


@pytest.mark.parametrize("name", ["", "with space", "1ST", "a-b", "a.b", "ä", "A\n"])
def test_a_name_that_no_variable_can_have_is_refused(store, file, name):
    with pytest.raises(KeyStoreError, match="letters, digits and underscores"):
        store.set(name, CANARY)

    assert not file.exists()


def test_a_value_that_was_moved_to_another_name_is_refused_by_name_and_the_others_are_read(store, file):
    store.set("A_KEY", "value of a")
    store.set("B_KEY", "value of b")
    store.set("C_KEY", "value of c")

    changed_file(file, lambda document: document["secrets"].update(A_KEY=document["secrets"]["B_KEY"]))

    contents = store.read()
    assert contents.values == {"B_KEY": "value of b", "C_KEY": "value of c"}
    assert list(contents.troubles) == ["A_KEY"]
    assert "A_KEY" in contents.troubles["A_KEY"]
    assert "changed, or belongs to another name" in contents.troubles["A_KEY"]


def test_a_value_that_was_moved_to_another_store_of_the_same_master_key_is_refused(store, file, places, tmp_path):
    other = store_of({**places, "KEYS_FILE": str(tmp_path / "other.json")})
    for each in (store, other):
        each.set("A_KEY", "value")
    foreign = json.loads(file.read_text())["secrets"]["A_KEY"]

    changed_file(tmp_path / "other.json", lambda document: document["secrets"].update(A_KEY=foreign))

    assert other.read().values == {}
    assert list(other.read().troubles) == ["A_KEY"]


def test_no_flipped_bit_anywhere_changes_a_value_or_breaks_more_than_the_reading(store, file):
    store.set("A_KEY", CANARY)
    whole = file.read_bytes()

    for at in range(len(whole)):
        for bit in (0, 5):
            file.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :])
            with suppress(KeyStoreError):
                contents = store.read()
                assert contents.values in ({"A_KEY": CANARY}, {})
                assert contents.values or contents.troubles or "A_KEY" not in contents.changed


@pytest.mark.parametrize("length", [0, 1, 10, 200, -2])
def test_a_torn_file_is_an_error_and_is_not_overwritten(store, file, length):
    store.set("A_KEY", CANARY)
    torn = file.read_bytes()[:length]
    file.write_bytes(torn)

    for attempt in (store.read, lambda: store.set("B_KEY", "x"), lambda: store.delete("A_KEY")):
        with pytest.raises(KeyStoreError, match=r"keys\.json is damaged"):
            attempt()
    assert file.read_bytes() == torn


@pytest.mark.parametrize("garbage", [b"\xff\xfe", b"[]", b"null", b"{}", b"[" * 100_000, b'{"format": "x"}'])
def test_garbage_is_an_error_and_is_not_overwritten(store, file, garbage):
    store.set("A_KEY", CANARY)
    file.write_bytes(garbage)

    with pytest.raises(KeyStoreError, match="damaged"):
        store.set("B_KEY", "x")
    assert file.read_bytes() == garbage


def test_a_store_of_a_later_version_is_left_alone(store, file):
    store.set("A_KEY", CANARY)
    changed_file(file, lambda document: document.update(format="poe-bots-keys/2"))

    with pytest.raises(KeyStoreError, match="another version"):
        store.set("A_KEY", "x")


def test_a_value_sealed_by_a_later_version_is_named(store, file):
    store.set("A_KEY", CANARY)
    changed_file(file, lambda document: document["secrets"]["A_KEY"].update(sealed="v9.abc"))

    assert "a form that this version does not know" in store.read().troubles["A_KEY"]


def test_a_wrong_master_key_is_one_clear_error_and_changes_nothing(store, file, places):
    store.set("A_KEY", CANARY)
    before = file.read_bytes()
    wrong = store_of({**places, "KEYS_MASTER_KEY": "11" * 32})

    for attempt in (wrong.read, lambda: wrong.set("B_KEY", "x"), lambda: wrong.delete("A_KEY")):
        with pytest.raises(
            KeyStoreError, match=r"master key in KEYS_MASTER_KEY is not the one of keys\.json"
        ) as caught:
            attempt()
        assert "11" * 32 not in str(caught.value)
    assert file.read_bytes() == before


def test_a_lost_master_key_is_one_clear_error_and_no_new_one_is_made(store, file, master_file):
    store.set("A_KEY", CANARY)
    master_file.unlink()

    for attempt in (store.read, lambda: store.set("B_KEY", "x")):
        with pytest.raises(KeyStoreError, match="is missing"):
            attempt()
    assert not master_file.exists()


def test_a_file_that_holds_no_master_key_is_named(store, master_file):
    store.set("A_KEY", CANARY)
    master_file.write_text("oops")

    with pytest.raises(KeyStoreError, match=r"keys\.master is damaged"):
        store.read()


RAW = bytes(range(32))


@pytest.mark.parametrize(
    "text",
    [
        RAW.hex(),
        RAW.hex().upper(),
        base64.b64encode(RAW).decode(),
        base64.urlsafe_b64encode(RAW).decode().rstrip("="),
        f"  {RAW.hex()}\n",
    ],
)
def test_a_master_key_may_be_written_as_hex_or_base64(places, master_file, text):
    store_of({**places, "KEYS_MASTER_KEY": RAW.hex()}).set("A_KEY", CANARY)

    assert store_of({**places, "KEYS_MASTER_KEY": text}).read().values == {"A_KEY": CANARY}
    assert not master_file.exists()


def test_a_master_key_may_be_a_passphrase(places):
    store_of({**places, "KEYS_MASTER_KEY": "correct horse battery staple"}).set("A_KEY", CANARY)

    again = store_of({**places, "KEYS_MASTER_KEY": "correct horse battery staple"})
    assert again.read().values == {"A_KEY": CANARY}
    with pytest.raises(KeyStoreError, match="is not the one"):
        store_of({**places, "KEYS_MASTER_KEY": "correct horse battery stable"}).read()


def test_a_short_passphrase_is_refused(places, file):
    with pytest.raises(KeyStoreError, match="KEYS_MASTER_KEY is too short"):
        store_of({**places, "KEYS_MASTER_KEY": "hunter2"}).set("A_KEY", CANARY)

    assert not file.exists()


def test_a_file_that_may_not_be_read_is_an_error(store, file):
    file.mkdir(parents=True)

    with pytest.raises(KeyStoreError, match=r"keys\.json cannot be read: Is a directory"):
        store.read()


def test_a_folder_that_cannot_be_written_is_an_error(places, tmp_path):
    (tmp_path / "flat").write_text("no folder")
    store = store_of({**places, "KEYS_FILE": str(tmp_path / "flat" / "keys.json")})

    with pytest.raises(KeyStoreError, match="cannot be"):
        store.set("A_KEY", CANARY)


def test_a_failed_write_leaves_the_old_file_and_nothing_beside_it(store, file, monkeypatch):
    store.set("A_KEY", "old")
    before = file.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(KeyStoreError, match=r"keys\.json cannot be written: No space left"):
        store.set("A_KEY", "new")

    assert file.read_bytes() == before
    assert sorted(path.name for path in file.parent.iterdir()) == ["keys.json", "keys.json.lock"]


def test_a_damaged_check_is_another_master_key_and_no_crash(store, file):
    store.set("A_KEY", CANARY)
    document = json.loads(file.read_text())
    file.write_text(json.dumps({**document, "check": "é"}))

    with pytest.raises(KeyStoreError, match="is not the one of"):
        store.read()
