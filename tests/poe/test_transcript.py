import fastapi_poe as fp

from utils.chat import ChatMessage
from utils.poe.transcript import chat_request, last_words, messages
from utils.registry import BotConfig


def asked(*turns, **fields):
    query = [turn if isinstance(turn, fp.ProtocolMessage) else said(*turn) for turn in turns]
    return fp.QueryRequest(
        version="1.2", type="query", query=query, user_id="", conversation_id="", message_id="", **fields
    )


def said(role, content, **fields):
    return fp.ProtocolMessage(role=role, content=content, **fields)


def file(name, parsed_content, content_type="text/plain"):
    return fp.Attachment(url="https://x/y", content_type=content_type, name=name, parsed_content=parsed_content)


def test_the_whole_history_goes_to_the_model_behind_the_system_message():
    request = asked(("user", "hi"), ("bot", "hello"), ("user", "how are you?"))

    assert messages(request, "Be kind.") == (
        ChatMessage("system", "Be kind."),
        ChatMessage("user", "hi"),
        ChatMessage("assistant", "hello"),
        ChatMessage("user", "how are you?"),
    )


def test_empty_turns_are_left_out():
    request = asked(("user", "hi"), ("bot", "  \n"), ("user", "still there?"))

    assert [message.text for message in messages(request)] == ["hi", "still there?"]


def test_the_text_of_files_stands_before_what_was_said_with_them_on_every_turn():
    first = said("user", "read this", attachments=[file("a.txt", "AAA"), file("b.json", "{}", "application/json")])
    second = said("user", "", attachments=[file("c.pdf", "CCC", "application/pdf")])

    texts = [message.text for message in messages(asked(first, ("bot", "read"), second))]

    assert texts[0].index("AAA") < texts[0].index("{}") < texts[0].index("read this")
    assert "CCC" in texts[2]


def test_a_file_without_text_adds_nothing():
    turn = said("user", "look", attachments=[file("a.png", None, "image/png")])

    assert messages(asked(turn)) == (ChatMessage("user", "look"),)


def test_only_what_the_bot_sets_is_asked_for():
    config = BotConfig(bot_name="B", provider="p")

    request = chat_request(asked(("user", "hi")), config)

    assert (request.model, request.temperature, request.max_tokens, request.timeout) == (None, None, None, None)
    assert not request.params


def test_what_the_bot_sets_is_asked_for():
    config = BotConfig(
        bot_name="B", provider="p", model="m", temperature=0.5, max_tokens=7, timeout=9, params={"top_p": 0.1}
    )

    request = chat_request(asked(("user", "hi")), config)

    assert (request.model, request.temperature, request.max_tokens, request.timeout) == ("m", 0.5, 7, 9)
    assert request.params == {"top_p": 0.1}


def test_the_last_words_of_nobody_are_none():
    assert last_words(asked()) == ""
