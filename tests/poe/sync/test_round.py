import json
import logging
import traceback

import fastapi_poe as fp
import httpx
import pytest
from starlette.responses import Response

from tests.poe.sync.fake_poe import FakePoe
from tests.serving import serving
from utils.poe.door import MountedBot
from utils.poe.sync import Endpoint, Outcome, SyncedSettings, sync_round

KEY = "canary/0123456789 never&seen?"


class Bot(fp.PoeBot):
    def __init__(self, **settings):
        super().__init__(path="/Bot", access_key=KEY)
        self.told_settings = settings

    async def get_settings(self, setting):
        return fp.SettingsResponse(**self.told_settings)


def mounted(bot, name="Bot"):
    return MountedBot(bot, name, f"/{name}", (f"POE_ACCESS_KEY_{name.upper()}", "POE_ACCESS_KEY"))


CONTROLS = {
    "api_version": "2",
    "sections": [{"controls": [{"control": "toggle_switch", "label": "Loud", "parameter_name": "loud"}]}],
}


class Sleeper:
    """Notes how long it should have slept."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)


async def synced(poe, path, *bots, address="", sleep=None, **options):
    async with serving(poe) as real, httpx.AsyncClient() as client:
        endpoint = Endpoint(client, address or f"{real}/bot", sleep=sleep or Sleeper())
        given = bots or (mounted(Bot()),)
        return [outcome async for outcome in sync_round(given, endpoint, SyncedSettings(path), **options)]


@pytest.fixture
def state(tmp_path):
    return tmp_path / "data" / "synced.json"


async def test_poe_is_told_what_a_bot_sets_and_nothing_of_what_it_does_not(state):
    poe = FakePoe()

    outcomes = await synced(poe, state, mounted(Bot(introduction_message="Hi", parameter_controls=CONTROLS)))

    assert outcomes == [Outcome("Bot", "synced")]
    ((path, body),) = poe.told
    assert path == ("bot", "update_settings", "Bot", KEY, "1.2")
    assert body == {
        "response_version": 2,
        "server_bot_dependencies": {},
        "introduction_message": "Hi",
        "parameter_controls": CONTROLS,
    }


async def test_the_response_version_is_always_2(state):
    poe = FakePoe()

    await synced(poe, state, mounted(Bot(response_version=None)))

    assert poe.told[0].body["response_version"] == 2


async def test_settings_that_depend_on_the_request_are_those_that_the_door_tells(state):
    class Contextual(Bot):
        async def get_settings_with_context(self, setting, context):
            assert context.http_request.method == "POST"
            return fp.SettingsResponse(introduction_message="from the context")

    poe = FakePoe()

    await synced(poe, state, mounted(Contextual()))

    assert poe.told[0].body["introduction_message"] == "from the context"


async def test_what_poe_has_is_not_sent_again_until_it_changes(state):
    poe = FakePoe()
    before, after = mounted(Bot(introduction_message="a")), mounted(Bot(introduction_message="b"))

    outcomes = [await synced(poe, state, bot) for bot in (before, before, after, after)]

    assert [outcome.result for (outcome,) in outcomes] == ["synced", "unchanged", "synced", "unchanged"]
    assert len(poe.told) == 2


async def test_force_sends_also_what_has_not_changed(state):
    poe = FakePoe()

    outcomes = [*await synced(poe, state), *await synced(poe, state, force=True)]

    assert [outcome.result for outcome in outcomes] == ["synced", "synced"]


async def test_a_dry_run_sends_nothing_and_remembers_nothing(state):
    poe = FakePoe()

    (outcome,) = await synced(poe, state, mounted(Bot(introduction_message="Hi")), dry_run=True)

    assert outcome.result == "would be sent"
    assert outcome.document["introduction_message"] == "Hi"
    assert poe.told == []
    assert not state.exists()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"Bot": 1}', "\udc80"])
async def test_a_state_that_cannot_be_read_is_one_that_knows_nothing(state, content):
    state.parent.mkdir()
    state.write_text(content, errors="surrogateescape")

    (outcome,) = await synced(FakePoe(), state)

    assert outcome.result == "synced"
    assert set(json.loads(state.read_text())) == {"Bot"}


async def test_a_state_that_cannot_be_written_is_said_and_the_settings_are_synced(tmp_path):
    (tmp_path / "data").write_text("no folder")

    (outcome,) = await synced(FakePoe(), tmp_path / "data" / "synced.json")

    assert outcome.result == "synced"
    assert "cannot be written" in outcome.detail


async def test_the_state_is_replaced_as_a_whole_and_knows_nothing_secret(state):
    await synced(FakePoe(), state, mounted(Bot(), "A"), mounted(Bot(), "B"))

    assert [file.name for file in state.parent.iterdir()] == ["synced.json"]
    assert set(json.loads(state.read_text())) == {"A", "B"}
    assert KEY not in state.read_text()


async def test_a_bot_without_an_access_key_is_skipped_with_the_name_of_what_to_set(state, monkeypatch):
    bot = Bot()
    bot.access_key = None
    poe = FakePoe()

    outcomes = await synced(poe, state, mounted(bot), mounted(Bot(), "Other"))

    assert outcomes[0] == Outcome("Bot", "skipped", "it has no access key: set POE_ACCESS_KEY_BOT or POE_ACCESS_KEY.")
    assert outcomes[1].result == "synced"


async def test_a_bot_that_cannot_tell_its_settings_does_not_keep_the_others_from_it(state):
    class Broken(Bot):
        async def get_settings(self, setting):
            raise RuntimeError(f"no luck with {KEY}")

    first, second = await synced(FakePoe(), state, mounted(Broken(), "Broken"), mounted(Bot()))

    assert (first.result, second.result) == ("failed", "synced")
    assert first.detail == "the bot does not tell its settings: RuntimeError: no luck with ***"


@pytest.mark.parametrize(
    ("reply", "dropped"),
    [
        ('{"parameter_controls": null, "response_version": 2}', True),
        ("{'response_version': 2, 'parameter_controls': None}", True),
        ('{"settings": {"parameter_controls": {}}}', True),
        ('{"detail": "{\\"parameter_controls\\": null}"}', True),
        ('{"response_version": 2, "introduction_message": "Hi"}', True),
        ("{'parameter_controls': {'api_version': '2', 'sections': []}}", False),
        ('{"parameter_controls": {"api_version": "2"}, "response_version": 2}', False),
        ("Settings updated.", False),
        ("", False),
    ],
)
async def test_controls_that_poe_has_dropped_are_an_error_although_it_says_200(state, reply, dropped):
    outcomes = await synced(FakePoe([Response(reply)]), state, mounted(Bot(parameter_controls=CONTROLS)))

    assert outcomes[0].result == ("failed" if dropped else "synced")
    assert ("dropped all controls" in outcomes[0].detail) is dropped
    assert state.exists() is not dropped


async def test_controls_that_were_never_sent_are_not_missed(state):
    (outcome,) = await synced(FakePoe([Response('{"parameter_controls": null}')]), state)

    assert outcome.result == "synced"


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_a_wrong_key_or_name_is_said_at_once(state, status):
    poe, sleep = FakePoe([Response(status_code=status)]), Sleeper()

    (outcome,) = await synced(poe, state, sleep=sleep)

    assert outcome.result == "failed"
    assert f"no bot of this name with this access key ({status})" in outcome.detail
    assert (len(poe.told), sleep.slept) == (1, [])


async def test_what_poe_does_not_take_is_said_in_its_words(state):
    poe = FakePoe([Response("introduction_message is\ntoo long", 400)])

    (outcome,) = await synced(poe, state)

    assert outcome.detail == "Poe did not take the settings (400): introduction_message is too long"
    assert len(poe.told) == 1


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_passing_trouble_is_borne_with_growing_patience(state, status):
    poe, sleep = FakePoe([Response(status_code=status), Response(status_code=status), Response("ok")]), Sleeper()

    (outcome,) = await synced(poe, state, sleep=sleep)

    assert outcome.result == "synced"
    assert sleep.slept == [1, 2]


async def test_a_trouble_that_does_not_pass_is_given_up_after_three_more_tries(state):
    poe, sleep = FakePoe([Response("try later", 503)]), Sleeper()

    (outcome,) = await synced(poe, state, sleep=sleep)

    assert outcome.detail == "Poe did not take the settings (503): try later"
    assert (len(poe.told), sleep.slept) == (4, [1, 2, 4])


async def test_a_connection_that_cannot_be_made_is_tried_again_too(state):
    sleep = Sleeper()

    (outcome,) = await synced(FakePoe(), state, address="http://127.0.0.1:9/bot", sleep=sleep)

    assert outcome.detail == "Poe cannot be reached (ConnectError)."
    assert sleep.slept == [1, 2, 4]


@pytest.mark.parametrize(
    ("retry_after", "slept"),
    [("7", 7), ("0", 1), ("3600", 30), ("Wed, 21 Oct 2065 07:28:00 GMT", 30), ("soon", 1), ("-5", 1), ("9" * 400, 30)],
)
async def test_the_wait_that_poe_asks_for_is_kept_up_to_half_a_minute(state, retry_after, slept):
    sleep = Sleeper()
    busy = Response(status_code=429, headers={"retry-after": retry_after})

    await synced(FakePoe([busy, Response("ok")]), state, sleep=sleep)

    assert sleep.slept == [slept]


async def test_a_redirect_is_not_followed(state):
    elsewhere = FakePoe()

    async with serving(elsewhere) as other:
        away = Response(status_code=307, headers={"location": f"{other}/{KEY.replace(' ', '%20')}"})
        (outcome,) = await synced(FakePoe([away]), state)

    assert outcome.result == "failed"
    assert elsewhere.told == []


@pytest.mark.parametrize(
    "reply",
    [
        Response(f"the key {KEY} is wrong", 400),
        Response(f"https://api.poe.com/Bot/{KEY}/1.2 is busy", 503),
        Response("canary%2F0123456789%20never%26seen%3F", 400),
        Response("x" * 190 + KEY, 400),
        Response(KEY, 401),
        Response("ok"),
    ],
)
async def test_the_key_is_never_seen(state, reply, caplog):
    caplog.set_level(logging.DEBUG)

    outcomes = await synced(FakePoe([reply]), state)

    logged = [record for record in caplog.records if not record.name.startswith(("uvicorn", "asyncio"))]
    seen = repr(outcomes) + "\n".join(record.getMessage() for record in logged)
    assert "update_settings" not in seen
    assert "canary" not in seen


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/bot", "http://host:port/bot", "nonsense", ""])
async def test_no_exception_holds_the_key(state, address):
    async with httpx.AsyncClient() as client:
        endpoint = Endpoint(client, address, waits=())

        with pytest.raises(Exception, match="Poe") as caught:
            await endpoint.update("Bot", KEY, {})

    chain = [caught.value, caught.value.__context__]
    assert "canary" not in "".join("".join(traceback.format_exception(exc)) for exc in chain if exc)
    assert "canary" not in repr([(exc, getattr(exc, "__dict__", None)) for exc in chain])
