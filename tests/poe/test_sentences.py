import fastapi_poe as fp
import pytest

from utils.errors import (
    BotError,
    BotErrorNoRetry,
    ContentRefused,
    ContextTooLong,
    KeyMissing,
    Overloaded,
    ProviderFailure,
    QuotaExhausted,
)
from utils.poe.sentences import SENTENCES, error_event, sentence_for


def all_failures(cls=ProviderFailure):
    return {cls}.union(*(all_failures(below) for below in cls.__subclasses__()))


def test_every_failure_of_a_provider_has_a_sentence_of_its_own():
    assert set(SENTENCES) == all_failures()
    assert len(set(SENTENCES.values())) == len(SENTENCES)


@pytest.mark.parametrize(
    ("exc", "error_type", "allow_retry"),
    [
        (Overloaded("x"), None, True),
        (QuotaExhausted("x"), None, False),
        (ContextTooLong("x"), "user_message_too_long", False),
        (ContentRefused("x"), "user_caused_error", False),
        (BotError("x"), None, True),
        (BotErrorNoRetry("x"), None, False),
        (fp.InsufficientFundError(), "insufficient_fund", False),
        (RuntimeError("x"), None, False),
    ],
)
def test_poe_is_told_what_kind_of_error_it_is_and_whether_to_ask_again(exc, error_type, allow_retry):
    event = error_event(exc, "abcd1234")

    assert event.get("error_type") == error_type
    assert event["allow_retry"] is allow_retry


def test_poe_is_not_told_to_ask_again_once_something_was_said():
    assert error_event(Overloaded("x"), "abcd1234", answer_has_begun=True)["allow_retry"] is False


def test_the_reference_stands_in_the_text():
    assert "abcd1234" in error_event(Overloaded("x"), "abcd1234")["text"]


@pytest.mark.parametrize(
    "exc", [RuntimeError("sk-secret at https://host"), Overloaded("sk-secret"), KeyError("sk-secret")]
)
def test_what_an_exception_says_itself_is_never_shown(exc):
    assert "sk-secret" not in str(error_event(exc, "abcd1234"))


def test_a_missing_key_is_named():
    assert sentence_for(KeyMissing("OPENAI_API_KEY")) == (
        "This bot is not set up yet: OPENAI_API_KEY is missing on the server."
    )


def test_the_message_of_a_bots_author_is_shown():
    assert sentence_for(BotErrorNoRetry("Please send a picture.")) == "Please send a picture."
