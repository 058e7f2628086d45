import fastapi_poe as fp

from tests.apps import app_of
from tests.serving import serving

TWO = "providers: [{name: one, kind: demo, models: [demo]}, {name: two, kind: demo, models: [demo-fail-503]}]"
ONE = "providers: [{name: demo, kind: demo, models: [demo]}]"


async def asked(tmp_path, providers, question):
    app = app_of(tmp_path, "bots: []", providers, code_bots="bots")
    async with serving(app) as address:
        message = fp.ProtocolMessage(role="user", content=question)
        answer = fp.get_bot_response([message], "SecondOpinion", "key", base_url=f"{address}/")
        return "".join([part.text async for part in answer])


async def test_both_answers_are_shown_under_the_names_of_who_gave_them(tmp_path):
    answer = await asked(tmp_path, TWO.replace("demo-fail-503", "demo-tokens-3"), "/echo an answer")

    assert answer.index("### one") < answer.index("an answer") < answer.index("### two")
    assert answer.count("an answer") == 2


async def test_one_that_fails_does_not_take_the_other_down(tmp_path):
    answer = await asked(tmp_path, TWO, "hello")

    assert "### one" in answer
    assert "overloaded" in answer.split("### two")[1]


async def test_providers_with_a_key_come_before_those_without(tmp_path, monkeypatch):
    monkeypatch.setenv("SOME_KEY", "k" * 20)
    local = "{name: local, kind: openai, api_base: 'http://127.0.0.1:9', models: [m]}"
    keyed = "{name: keyed, kind: demo, api_key_env: SOME_KEY, models: [demo]}"
    three = f"{ONE[:-1]}, {local}, {keyed}]"

    answer = await asked(tmp_path, three, "/echo hi")

    assert answer.index("### keyed") < answer.index("### demo")
    assert "### local" not in answer


async def test_with_one_provider_there_is_a_hint(tmp_path):
    assert "For a second opinion" in await asked(tmp_path, ONE, "hello")
