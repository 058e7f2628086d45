"""No value of the store is ever in an output, a log line, a repr or a traceback."""

import io
import json
import logging
import traceback

import httpx
import pytest

from tests.apps import app_of
from utils.errors import KeyRefused, PoeBotsError
from utils.keys import KeyPool, Keyring, known_secrets
from utils.keys.store import Master, store_of
from utils.logs import configure_logging
from utils.settings import Settings, environment

CANARY = "sk-canary-0123456789"
MASTER = "canary-passphrase-of-the-owner"
PROVIDERS = "providers: [{name: cloud, kind: demo, models: [demo], api_key_env: CLOUD_API_KEY}]"
BOTS = "bots: [{bot_name: Poet, provider: cloud}]"


@pytest.fixture
def filled(places, monkeypatch):
    monkeypatch.setenv("KEYS_MASTER_KEY", MASTER)
    store = store_of(environment())
    store.set("CLOUD_API_KEY", CANARY)
    store.set("POE_ACCESS_KEY_POET", f"{CANARY}-of-poe")
    return store


def test_no_repr_shows_a_value_or_the_master_key(filled):
    keyring = Keyring()
    contents = filled.read()
    master = Master(MASTER)
    key = keyring.get("CLOUD_API_KEY")
    pool = KeyPool("cloud", ["CLOUD_API_KEY"], keyring)
    pool._remember(key, KeyRefused())
    everything = [filled, filled.vault, filled.masters, contents, master, master.sealer("id", "00"), key, keyring]

    shown = " ".join(map(repr, [*everything, pool, pool._troubles, pool.state()]))

    assert "canary" not in shown


@pytest.mark.parametrize("place", ["wrong master", "moved", "torn"])
def test_no_traceback_of_a_store_that_fails_shows_a_value(filled, file, places, place):
    document = json.loads(file.read_text())
    if place == "moved":
        document["secrets"]["CLOUD_API_KEY"] = document["secrets"]["POE_ACCESS_KEY_POET"]
        file.write_text(json.dumps(document))
    if place == "torn":
        file.write_bytes(file.read_bytes()[:300])
    store = store_of({**places, "KEYS_MASTER_KEY": "another-canary-master" if place == "wrong master" else MASTER})

    following = Master("the-next-canary-master")

    with pytest.raises(PoeBotsError) as caught:
        store.rotate(following)

    shown = "".join(traceback.format_exception(caught.value))
    assert "canary" not in shown


async def test_the_listings_of_a_server_show_no_value_and_the_bot_is_behind_its_stored_key(filled, tmp_path):
    app = app_of(tmp_path, BOTS, PROVIDERS, allow_without_key=False)
    question = {"type": "settings", "version": "1.1"}

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://server") as client:
        pages = [(await client.get(path)).text for path in ("/health", "/bots", "/providers", "/")]
        refused = await client.post("/Poet", json=question, headers={"authorization": "Bearer wrong"})
        let_in = await client.post("/Poet", json=question, headers={"authorization": f"Bearer {CANARY}-of-poe"})

    assert "canary" not in "".join([*pages, refused.text, let_in.text])
    assert (refused.status_code, let_in.status_code) == (401, 200)


async def test_a_store_that_cannot_be_read_is_one_finding_of_health_and_no_bad_key(filled, file, tmp_path):
    file.write_text("torn")
    app = app_of(tmp_path, BOTS, PROVIDERS)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://server") as client:
        health = (await client.get("/health")).json()
        providers = (await client.get("/providers")).json()

    assert health["status"] == "degraded"
    assert [problem for problem in health["problems"] if "keys.json is damaged" in problem] == health["problems"]
    assert len(health["problems"]) == 1
    assert "cannot be looked up" in json.dumps(providers)


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_the_log_of_a_server_shows_no_value_once_it_is_loaded(filled, monkeypatch, log_format):
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    configure_logging(Settings(log_format=log_format), known_secrets(environment()))

    Keyring().find("CLOUD_API_KEY")
    try:
        raise RuntimeError(f"somebody else's error with {CANARY}")
    except RuntimeError:
        logging.getLogger("somebody").exception("it said %s", CANARY)

    assert "somebody" in written.getvalue()
    assert "canary" not in written.getvalue()
