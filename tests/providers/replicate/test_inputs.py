import pytest

from tests.providers.asking import deltas
from utils.chat import ChatMessage, ChatRequest, Image
from utils.providers.replicate.settings import wrong_settings
from utils.registry import ProviderConfig

from .fake import Replicate, done, output

CHAT = (
    ChatMessage("system", "Be brief."),
    ChatMessage("user", "Hi"),
    ChatMessage("assistant", "Hello"),
    ChatMessage("user", "Why?"),
)
ONE = (ChatMessage("system", "Be brief."), ChatMessage("user", "Hi"))
LLAMA_3 = (
    "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|>"
    "<|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|>"
    "<|start_header_id|>assistant<|end_header_id|>\n\nHello<|eot_id|>"
    "<|start_header_id|>user<|end_header_id|>\n\nWhy?<|eot_id|>"
    "<|start_header_id|>assistant<|end_header_id|>\n\n"
)
LLAMA_2 = "<s>[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nHi [/INST] Hello </s><s>[INST] Why? [/INST]"
MISTRAL = "<s>[INST] Be brief.\n\nHi [/INST] Hello </s><s>[INST] Why? [/INST]"
PLAIN = "User: Hi\n\nAssistant: Hello\n\nUser: Why?\n\nAssistant:"
TURNS = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Hi"},
    {"role": "assistant", "content": "Hello"},
    {"role": "user", "content": "Why?"},
]
PICTURES = (
    ChatMessage("user", "Old", (Image("https://a.example/1.png"),)),
    ChatMessage("assistant", "Nice"),
    ChatMessage("user", "New", (Image("data:image/png;base64,AA=="),)),
)


@pytest.fixture
def sent(replicate_at):
    """The input that a request becomes at an entry with these fields."""

    async def send(request, **fields):
        fake = Replicate(output("Hi"), done())
        async with fake.running() as base:
            await deltas(replicate_at(base, **fields), request)
        return fake.bodies[0]["input"]

    return send


@pytest.mark.parametrize(
    ("model", "wanted"),
    [
        ("meta/meta-llama-3-8b-instruct", {"prompt": LLAMA_3, "prompt_template": "{prompt}"}),
        ("meta/meta-llama-3.1-405b-instruct", {"prompt": LLAMA_3, "prompt_template": "{prompt}"}),
        ("meta/llama-2-70b-chat", {"prompt": LLAMA_2, "prompt_template": "{prompt}"}),
        ("mistralai/mistral-7b-instruct-v0.2", {"prompt": MISTRAL, "prompt_template": "{prompt}"}),
        ("mistralai/mixtral-8x7b-instruct-v0.1", {"prompt": MISTRAL, "prompt_template": "{prompt}"}),
        ("openai/gpt-5.1", {"messages": TURNS}),
        ("openai/gpt-oss-20b", {"prompt": f"Be brief.\n\n{PLAIN}"}),
        ("google/gemini-2.5-flash", {"prompt": PLAIN, "system_instruction": "Be brief."}),
        ("anthropic/claude-4.5-sonnet", {"prompt": PLAIN, "system_prompt": "Be brief."}),
        ("deepseek-ai/deepseek-v3.1", {"prompt": f"Be brief.\n\n{PLAIN}"}),
        ("acme/unheard-of", {"prompt": PLAIN, "system_prompt": "Be brief."}),
    ],
)
async def test_a_conversation_is_put_as_the_model_was_trained(sent, model, wanted):
    assert await sent(ChatRequest(CHAT, model=model)) == wanted


async def test_the_version_behind_a_name_changes_nothing_about_the_template(sent):
    model = "meta/meta-llama-3-8b-instruct:" + "ab" * 32

    assert (await sent(ChatRequest(CHAT, model=model)))["prompt"] == LLAMA_3


async def test_a_single_question_is_just_that(sent):
    assert await sent(ChatRequest(ONE)) == {"prompt": "Hi", "system_prompt": "Be brief."}


async def test_the_owner_can_choose_the_template_and_add_inputs(sent):
    settings = {"template": "mistral", "input": {"thinking": "none", "top_p": 0.5}}

    body = await sent(ChatRequest(CHAT, params={"top_p": 0.9}), settings=settings)

    assert body == {"thinking": "none", "top_p": 0.9, "prompt": MISTRAL, "prompt_template": "{prompt}"}


@pytest.mark.parametrize(
    ("model", "wanted"),
    [
        ("acme/unheard-of", {"max_tokens": 9, "stop": "a,b"}),
        ("meta/meta-llama-3-8b-instruct", {"max_tokens": 9, "stop_sequences": "a,b"}),
        ("meta/llama-2-7b-chat", {"max_new_tokens": 9, "stop_sequences": "a,b"}),
        ("openai/gpt-5", {"max_completion_tokens": 9, "stop": "a,b"}),
        ("google/gemini-2.5-flash", {"max_output_tokens": 9, "stop": "a,b"}),
    ],
)
async def test_parameters_have_the_names_that_the_model_knows(sent, model, wanted):
    request = ChatRequest(ONE, model=model, temperature=0.5, max_tokens=9, stop=("a", "b"), params={"top_p": 0.9})

    body = await sent(request)

    chosen = {name: value for name, value in body.items() if name.startswith(("max_", "stop"))}
    assert chosen == wanted
    assert (body["temperature"], body["top_p"]) == (0.5, 0.9)


async def test_the_owners_names_win_over_those_of_the_table(sent):
    overrides = {"rename_params": {"max_tokens": "longest"}, "drop_params": ["temperature"]}

    body = await sent(
        ChatRequest(ONE, model="meta/llama-2-7b-chat", temperature=0.5, max_tokens=9), profile_overrides=overrides
    )

    assert body["longest"] == 9
    assert {"max_new_tokens", "max_tokens", "temperature"}.isdisjoint(body)


async def test_tools_which_no_prompt_can_hold_are_left_out(sent):
    tool = {"type": "function", "function": {"name": "add", "parameters": {}}}

    assert await sent(ChatRequest(ONE, tools=(tool,))) == {"prompt": "Hi", "system_prompt": "Be brief."}


@pytest.mark.parametrize(
    ("model", "settings", "name", "wanted"),
    [
        ("acme/seer", {}, "image", PICTURES[2].images[0].url),
        ("acme/seer", {"pictures": "images"}, "images", [each.url for turn in PICTURES for each in turn.images]),
        ("openai/gpt-5", {}, "image_input", [each.url for turn in PICTURES for each in turn.images]),
        ("google/gemini-2.5-flash", {}, "images", [each.url for turn in PICTURES for each in turn.images]),
    ],
)
async def test_pictures_go_where_the_model_takes_them(sent, model, settings, name, wanted):
    models = [{"name": model, "vision": True}]

    body = await sent(ChatRequest(PICTURES, model=model), models=models, settings=settings)

    assert body[name] == wanted


@pytest.mark.parametrize("models", [[], ["acme/blind"], [{"name": "acme/blind", "vision": False}]])
async def test_a_model_that_is_not_known_to_see_gets_no_pictures(sent, models):
    body = await sent(ChatRequest(PICTURES, model="acme/blind"), models=models)

    assert set(body) == {"prompt"}


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({}, None),
        ({"template": "llama3", "input": {"a": 1}, "stream": False, "pictures": "image"}, None),
        ({"template": None, "input": None}, None),
        (
            {"templete": "llama3"},
            "its setting `templete` is not known; Replicate has `template`, `pictures`, `input`, `stream`.",
        ),
        (
            {"template": "llama4"},
            "its setting `template`: input should be 'plain', 'messages', 'llama3', 'llama2' or 'mistral'.",
        ),
    ],
)
def test_a_wrong_setting_is_named(settings, sentence):
    assert wrong_settings(ProviderConfig(name="replicate", kind="replicate", settings=settings)) == sentence
