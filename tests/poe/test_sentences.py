from string import Formatter

import fastapi_poe as fp
import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from utils.poe.sentences import TEXTS, NothingAsked, ShuttingDown, error_event, sentence_for
from utils.poe.words import LANGUAGES, Text, say


class OutOfPoints(BotErrorNoRetry):
    text_key = Text.NOT_ENOUGH_POINTS
    error_type = "insufficient_fund"


class ForeignError(Exception):
    text_key = "sk-secret"
    error_type = "sk-secret"


def all_failures(cls=ProviderFailure):
    return {cls}.union(*(all_failures(below) for below in cls.__subclasses__()))


def placeholders(words):
    return {name for _, name, _, _ in Formatter().parse(words) if name}


def test_every_failure_of_a_provider_has_a_sentence_of_its_own():
    drawn = {cls for cls in all_failures() if cls.__module__ == "utils.errors"}
    rows = {cls: text for cls, text in TEXTS.items() if cls in drawn}

    assert set(rows) == drawn
    assert len(set(rows.values())) == len(rows)


def test_every_other_failure_has_the_sentence_of_the_nearest_one_above():
    others = [cls for cls in all_failures() if cls.__module__ != "utils.errors"]

    assert others
    assert all(next(above for above in cls.__mro__ if above in TEXTS) is not ProviderFailure for cls in others)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_text_with_the_same_placeholders(language):
    words, english = LANGUAGES[language], LANGUAGES["en"]

    assert set(words) == set(Text)
    assert {text: placeholders(words[text]) for text in Text} == {text: placeholders(english[text]) for text in Text}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_texts_of_a_language_are_the_same(language):
    assert len(set(LANGUAGES[language].values())) == len(Text)


def test_no_language_keeps_an_english_text():
    english = set(LANGUAGES["en"].values())

    assert [code for code, words in LANGUAGES.items() if code != "en" and english & set(words.values())] == []


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("de", "de"),
        ("de-AT", "de"),
        ("DE", "de"),
        ("pt-BR", "pt"),
        ("pt_BR", "pt"),
        ("zh-Hant", "zh"),
        ("zh-Hans-CN", "zh"),
        ("en-GB", "en"),
        ("sv", "en"),
        ("den", "en"),
        ("", "en"),
        ("{seconds}", "en"),
    ],
)
def test_the_language_is_the_first_part_of_the_tag_and_english_where_it_is_not_spoken(tag, language):
    assert say(Text.UNEXPECTED, tag) == LANGUAGES[language][Text.UNEXPECTED]


@given(st.text())
def test_there_is_a_sentence_for_any_language_tag(tag):
    assert say(Text.UNEXPECTED, tag)


def test_values_are_put_into_the_words_as_they_are():
    assert say(Text.STILL_WORKING, "de", seconds=7) == "Noch in Arbeit … 7 s"
    assert say(Text.WITH_REFERENCE, sentence="{no} {placeholder}", reference="r") == (
        "{no} {placeholder} (Reference: r)"
    )


@pytest.mark.parametrize(
    ("exc", "error_type", "allow_retry"),
    [
        (Overloaded("x"), None, True),
        (QuotaExhausted("x"), None, False),
        (ContextTooLong("x"), "user_message_too_long", False),
        (ContentRefused("x"), "user_caused_error", False),
        (BotError("x"), None, True),
        (BotErrorNoRetry("x"), None, False),
        (NothingAsked(), "user_caused_error", False),
        (ShuttingDown(), None, True),
        (OutOfPoints(), "insufficient_fund", False),
        (fp.InsufficientFundError(), "insufficient_fund", False),
        (RuntimeError("x"), None, False),
        (ForeignError("x"), None, False),
    ],
)
def test_poe_is_told_what_kind_of_error_it_is_and_whether_to_ask_again(exc, error_type, allow_retry):
    event = error_event(exc, "abcd1234")

    assert event.get("error_type") == error_type
    assert event["allow_retry"] is allow_retry


def test_poe_is_not_told_to_ask_again_once_something_was_said():
    assert error_event(Overloaded("x"), "abcd1234", answer_has_begun=True)["allow_retry"] is False


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The model could not answer. Please try again. (Reference: abcd1234)"),
        ("fr-CA", "Le modèle n'a pas pu répondre. Veuillez réessayer. (Référence\N{NO-BREAK SPACE}: abcd1234)"),
        ("ja", "モデルが回答できませんでした。もう一度お試しください。（参照番号：abcd1234）"),
    ],
)
def test_an_error_speaks_the_persons_language_and_has_the_reference_in_its_text(language, text):
    assert error_event(ProviderFailure("x"), "abcd1234", language=language)["text"] == text


@pytest.mark.parametrize(
    "exc", [RuntimeError("sk-secret at https://host"), Overloaded("sk-secret"), KeyError("sk-secret"), ForeignError()]
)
def test_what_an_exception_says_itself_is_never_shown(exc):
    assert "sk-secret" not in str(error_event(exc, "abcd1234"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_missing_key_is_named(language):
    assert "OPENAI_API_KEY" in sentence_for(KeyMissing("OPENAI_API_KEY"), language)


@pytest.mark.parametrize(
    ("exc", "text"),
    [
        (OutOfPoints("for the log"), Text.NOT_ENOUGH_POINTS),
        (fp.InsufficientFundError(), Text.NOT_ENOUGH_POINTS),
        (NothingAsked(), Text.NOTHING_ASKED),
        (ShuttingDown(), Text.SHUTTING_DOWN),
        (BotError(), Text.UNEXPECTED),
        (ValueError(), Text.UNEXPECTED),
    ],
)
def test_errors_of_this_room_name_their_own_text(exc, text):
    assert sentence_for(exc, "es") == say(text, "es")


def test_the_message_of_a_bots_author_is_shown():
    assert sentence_for(BotErrorNoRetry("Please send a picture."), "de") == "Please send a picture."
