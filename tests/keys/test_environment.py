import pytest

from utils.errors import KeyMissing
from utils.keys import find_api_key, get_api_key, looks_secret, masked, secrets_in


def test_a_key_is_read_when_it_is_used(monkeypatch):
    monkeypatch.setenv("ANY_API_KEY", "first")
    before = get_api_key("ANY_API_KEY")
    monkeypatch.setenv("ANY_API_KEY", "second")

    assert (before, get_api_key("ANY_API_KEY")) == ("first", "second")


def test_blanks_around_a_key_are_not_part_of_it(monkeypatch):
    monkeypatch.setenv("ANY_API_KEY", "  abc\n")

    assert get_api_key("ANY_API_KEY") == "abc"


@pytest.mark.parametrize("value", [None, "", "  ", "\n"])
def test_a_key_that_is_not_set_or_blank_is_missing_by_name(monkeypatch, value):
    if value is None:
        monkeypatch.delenv("ANY_API_KEY", raising=False)
    else:
        monkeypatch.setenv("ANY_API_KEY", value)

    assert find_api_key("ANY_API_KEY") is None
    with pytest.raises(KeyMissing, match="ANY_API_KEY is not set") as caught:
        get_api_key("ANY_API_KEY")
    assert caught.value.variable == "ANY_API_KEY"


@pytest.mark.parametrize(
    "name",
    [
        "OPENAI_API_KEY",
        "OTEL_EXPORTER_OTLP_HEADERS",
        "HF_TOKEN",
        "POE_ACCESS_KEY_POET2",
        "api_key",
        "apikey",
        "PGPASSWORD",
        "AWS_SECRET_ACCESS_KEY",
        "KEYS_MASTER_KEY",
        "DATABASE_URL",
    ],
)
def test_names_that_say_so_are_secret(name):
    assert looks_secret(name)


@pytest.mark.parametrize(
    "name",
    [
        "max_tokens",
        "temperature",
        "HOME",
        "keyword",
        "KEYBOARD_LAYOUT",
        "KEYS_FILE",
        "KEYS_STORE",
        "KEYS_MASTER_KEY_FILE",
    ],
)
def test_other_names_are_not(name):
    assert not looks_secret(name)


def test_the_secrets_of_an_environment_are_the_long_values_under_secret_names():
    environ = {"A_KEY": " long-enough ", "B_TOKEN": "short", "HOME": "/home/somebody", "C_PASSWORD": "long-enough-too"}

    assert secrets_in(environ) == {"long-enough", "long-enough-too"}


def test_masking_takes_the_longest_secret_first():
    assert masked("a secret-more b secret c", ["secret", "secret-more"]) == "a *** b *** c"


def test_each_value_of_a_list_of_headers_is_a_secret_too():
    headers = {"OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20token-of-collector,x-tenant=tenant-of-collector"}

    assert secrets_in(headers) >= {"token-of-collector", "Bearer token-of-collector", "tenant-of-collector"}
