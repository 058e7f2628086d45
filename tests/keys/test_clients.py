"""Clients are known by their keys, of which nothing but a hash is kept."""

import json
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from utils.errors import KeyStoreError
from utils.keys.clients import ClientKeys, client_of, create_client, described, hash_of, revoke_client

KEY = "a-long-key-for-a-program-1234567890"


def test_a_key_is_long_and_only_its_hash_is_kept(tmp_path):
    file = tmp_path / "data" / "clients.json"

    key = create_client(file, "anna", "2026-11-21T10:00:00+00:00", ["Poet"], "20/minute")

    (client,) = ClientKeys(file, {}).all()
    assert len(key) > 40
    assert key not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (client.name, client.sha256, client.allow, client.rate_limit) == (
        "anna",
        hash_of(key),
        ("Poet",),
        "20/minute",
    )


def test_no_repr_and_no_listing_shows_a_hash(tmp_path):
    key = create_client(tmp_path / "clients.json", "anna", "")

    clients = ClientKeys(tmp_path / "clients.json", {}).all()

    assert hash_of(key) not in repr(clients)
    assert hash_of(key) not in json.dumps([*described(clients)])


def test_two_clients_have_two_names(tmp_path):
    create_client(tmp_path / "clients.json", "anna", "")

    with pytest.raises(KeyStoreError, match="a client `anna` already"):
        create_client(tmp_path / "clients.json", "anna", "")


def test_a_name_that_is_given_again_is_somebody_else(tmp_path):
    file = tmp_path / "clients.json"
    keys = ClientKeys(file, {})
    first = keys.find(create_client(file, "anna", ""))
    revoke_client(file, "anna")

    second = keys.find(create_client(file, "anna", ""))

    assert first is not None
    assert second is not None
    assert first.owner != second.owner


def test_nobody_is_lost_when_many_are_created_at_once(tmp_path):
    file = tmp_path / "clients.json"

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda n: create_client(file, f"client{n}", ""), range(16)))

    keys = ClientKeys(file, {})
    assert {client.name for key in made if (client := keys.find(key))} == {f"client{n}" for n in range(16)}


def test_revoking_nobody_makes_no_file(tmp_path):
    assert revoke_client(tmp_path / "clients.json", "anna") is False
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("entry", "name"),
    [
        (KEY, "key3"),
        (f"anna:{KEY}", "anna"),
        (f"anna:{hash_of(KEY)}", "anna"),
        (f"anna:{hash_of(KEY).upper()}", "anna"),
        ("short", None),
        ("anna:short", None),
        (f":{KEY}", None),
        (f"an na:{KEY}", None),
        (f"anna:{hash_of(KEY)}; 5 usd per day", "anna"),
        (f"anna:{KEY}; 5 usd per day", None),
        (f"{KEY}; 5 usd per day", None),
    ],
)
def test_an_entry_of_the_variable_is_a_name_with_a_key_or_its_hash(entry, name):
    client = client_of(entry, 3)

    assert (client and client.name) == name
    assert client is None or client.sha256 == hash_of(KEY)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (f"anna:{KEY}; 5 usd per day", "entry 1 cannot be used: a budget goes behind the SHA-256 of a key"),
        (f"anna:{KEY},anna:{KEY}x", "two entries are called `anna`"),
    ],
)
def test_what_an_entry_of_the_variable_cannot_mean_is_said(tmp_path, value, problem):
    clients = ClientKeys(tmp_path / "clients.json", {"API_KEYS": value})

    [said] = clients.problems()
    assert problem in said
    assert KEY not in said


@pytest.mark.parametrize(("value", "wanted"), [("", False), ("  ", False), ("x", True), (KEY, True)])
def test_keys_are_wanted_as_soon_as_somebody_has_set_some(tmp_path, value, wanted):
    assert ClientKeys(tmp_path / "clients.json", {"API_KEYS": value}).are_wanted is wanted


def test_keys_are_wanted_where_the_file_cannot_be_read(tmp_path):
    (tmp_path / "clients.json").write_text("{")

    keys = ClientKeys(tmp_path / "clients.json", {})

    assert keys.are_wanted
    assert keys.find(KEY) is None
    assert "is damaged" in keys.problems()[0]
