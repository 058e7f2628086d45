"""Keys are looked up in the environment, then in the store, by whoever needs them."""

import json
import threading

import pytest
from structlog.testing import capture_logs

from utils.errors import KeyMissing, KeyStoreError
from utils.keys import Key, Keyring, access_key_names, find_access_key, find_api_key, get_api_key, known_secrets
from utils.keys.store import Contents, StoreReader
from utils.logs import Scrubber

AWS = {"access_key_id": "AKIA-canary", "secret_access_key": "canary-secret", "region": "eu-central-1"}


def test_what_is_not_in_the_environment_is_found_in_the_store(store):
    store.set("ANY_API_KEY", "stored")

    assert get_api_key("ANY_API_KEY") == find_api_key("ANY_API_KEY") == "stored"
    assert Keyring().get("ANY_API_KEY") == Key("ANY_API_KEY", "stored")


def test_the_environment_wins(store, monkeypatch):
    store.set("ANY_API_KEY", "stored")
    monkeypatch.setenv("ANY_API_KEY", "in the environment")

    assert get_api_key("ANY_API_KEY") == "in the environment"


def test_a_key_that_is_set_or_deleted_while_the_server_runs_is_seen_at_once(store):
    keyring = Keyring()
    seen = [keyring.find("ANY_API_KEY")]

    store.set("ANY_API_KEY", "first")
    seen.append(keyring.find("ANY_API_KEY"))
    store.delete("ANY_API_KEY")
    seen.append(keyring.find("ANY_API_KEY"))

    assert seen == [None, Key("ANY_API_KEY", "first"), None]


def test_access_keys_are_found_in_the_store_too(store, monkeypatch):
    names = access_key_names("Poet")
    monkeypatch.setenv("POE_ACCESS_KEY", "common")
    store.set("POE_ACCESS_KEY_POET", "own")

    assert find_access_key(names) == "own"


@pytest.mark.parametrize("place", ["environment", "store"])
def test_a_json_object_of_texts_is_a_key_with_parts(store, monkeypatch, place):
    if place == "store":
        store.set("AWS_KEYS", json.dumps(AWS))
    else:
        monkeypatch.setenv("AWS_KEYS", f" {json.dumps(AWS)}\n")

    key = Keyring().get("AWS_KEYS")

    assert (key.secret, key.fields, key.malformed) == ("", AWS, None)
    assert "canary" not in repr(key)


def test_the_part_called_api_key_is_the_key_itself(monkeypatch):
    monkeypatch.setenv(
        "AZURE_KEYS", '{"api_key": " abc ", "endpoint": "https://x.openai.azure.com", "api_version": ""}'
    )

    key = Keyring().get("AZURE_KEYS")

    assert (key.secret, key.fields) == ("abc", {"api_key": "abc", "endpoint": "https://x.openai.azure.com"})
    assert get_api_key("AZURE_KEYS") == "abc"


@pytest.mark.parametrize(
    "value", ["{", "{}", '{"a": 1}', '{"a": {"b": "c"}}', '{"a": ""}', "{'a': 'canary'}", "{" * 9999]
)
def test_a_value_that_begins_with_a_brace_and_is_no_object_of_texts_says_so(monkeypatch, value):
    monkeypatch.setenv("AWS_KEYS", value)

    key = Keyring().get("AWS_KEYS")

    assert key.malformed == "AWS_KEYS begins with a brace, but is no JSON object of texts"
    assert find_api_key("AWS_KEYS") is None
    with pytest.raises(KeyMissing, match="begins with a brace"):
        get_api_key("AWS_KEYS")


def test_parts_without_an_api_key_are_no_single_key(monkeypatch):
    monkeypatch.setenv("AWS_KEYS", json.dumps(AWS))

    with pytest.raises(KeyMissing, match="none of them is called api_key"):
        get_api_key("AWS_KEYS")


def test_a_store_that_cannot_be_read_is_not_a_key_that_is_not_set(store, file):
    store.set("ANY_API_KEY", "stored")
    file.write_bytes(b"torn")
    keyring = Keyring()

    assert keyring.find("ANY_API_KEY") is None
    assert [problem for problem in keyring.problems() if "keys.json is damaged" in problem] == [*keyring.problems()]
    with pytest.raises(KeyMissing, match=r"^ANY_API_KEY cannot be looked up: .*keys\.json is damaged"):
        get_api_key("ANY_API_KEY")


def test_one_value_that_cannot_be_opened_is_told_of_by_its_name(store, file):
    store.set("A_KEY", "a")
    store.set("B_KEY", "b")
    document = json.loads(file.read_text())
    document["secrets"]["A_KEY"] = document["secrets"]["B_KEY"]
    file.write_text(json.dumps(document))
    keyring = Keyring()

    assert keyring.find("B_KEY") == Key("B_KEY", "b")
    assert keyring.why_missing(["A_KEY"]).startswith("A_KEY cannot be looked up: A_KEY in keys.json cannot be opened")
    assert keyring.why_missing(["C_KEY"]) == "C_KEY is not set"
    assert len(keyring.problems()) == 1


def test_what_was_read_before_stays_in_force_when_the_file_is_torn(store, file):
    store.set("ANY_API_KEY", "stored")
    keyring = Keyring()
    keyring.find("ANY_API_KEY")

    file.write_bytes(b"torn")

    assert keyring.find("ANY_API_KEY") == Key("ANY_API_KEY", "stored")
    assert len(keyring.problems()) == 1


def test_an_unreadable_store_is_logged_once_not_with_every_look(store, file):
    store.set("ANY_API_KEY", "stored")
    file.write_bytes(b"torn")

    with capture_logs() as logged:
        for _ in range(5):
            Keyring().find("ANY_API_KEY")
            Keyring().problems()

    assert [entry["event"] for entry in logged] == ["keys.store_unreadable"]


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class FarStore:
    """A store that is far away, as a database is; it counts how often it is asked."""

    def __init__(self) -> None:
        self.vault = self.masters = self
        self.is_near = False
        self.reads = 0
        self.value = "first"

    def read(self) -> Contents:
        self.reads += 1
        if self.value == "down":
            raise KeyStoreError("the database is down")
        return Contents({"A_KEY": self.value})


def read_in_background(reader):
    reader.contents()
    for thread in threading.enumerate():
        if thread.name == "key-store":
            thread.join()


def test_a_store_far_away_is_asked_once_and_then_in_the_background():
    store, clock = FarStore(), Clock()
    reader = StoreReader(store, clock)

    assert reader.contents().values == {"A_KEY": "first"}
    store.value = "second"
    clock.now = 59
    assert reader.contents().values == {"A_KEY": "first"}
    assert store.reads == 1
    clock.now = 61
    read_in_background(reader)

    assert reader.contents().values == {"A_KEY": "second"}


def test_a_store_far_away_that_is_down_leaves_what_is_known_and_is_asked_again_soon():
    store, clock = FarStore(), Clock()
    reader = StoreReader(store, clock)
    reader.contents()
    store.value, clock.now = "down", 61
    read_in_background(reader)
    known, trouble = reader.contents().values, reader.trouble

    store.value, clock.now = "back", 67
    read_in_background(reader)

    assert (known, trouble) == ({"A_KEY": "first"}, "the database is down")
    assert (reader.contents().values, reader.trouble) == ({"A_KEY": "back"}, None)


def test_the_log_knows_a_secret_of_the_store_as_soon_as_it_is_loaded(store, places):
    store.set("ANY_NAME", "canary-0123456789")
    store.set("AWS_KEYS", json.dumps(AWS))
    scrub = Scrubber(known_secrets(places))
    keyring = Keyring(places)

    keyring.find("ANY_NAME")

    assert scrub(None, "", "a canary-0123456789 b canary-secret c eu-central-1") == "a *** b *** c eu-central-1"
    assert {"canary-0123456789", "canary-secret"} <= keyring.secrets()
    store.set("LATER", "canary-that-came-later")
    keyring.find("LATER")
    assert scrub(None, "", "canary-that-came-later") == "***"


def test_asking_for_what_is_secret_reads_no_store(store, places):
    store.set("ANY_NAME", "canary-0123456789")

    assert known_secrets({**places, "A_TOKEN": "long-enough"})() == {"long-enough"}
