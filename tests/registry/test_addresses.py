"""What stands under `api_base` and `headers` can be sent to, and sent."""

import pytest

from utils.registry import ProviderConfig


def entry(**fields) -> ProviderConfig:
    return ProviderConfig.model_validate({"name": "p", "api_base": "https://api.example.com/v1", **fields})


@pytest.mark.parametrize(
    ("written", "understood"),
    [
        ("https://api.example.com/v1", "https://api.example.com/v1"),
        ("https://api.example.com/v1/", "https://api.example.com/v1/"),
        ("https://api.example.com/v1/chat/completions", "https://api.example.com/v1"),
        ("https://api.example.com/v1/chat/completions/", "https://api.example.com/v1"),
        ("https://api.example.com/chat/completions", "https://api.example.com"),
        ("https://api.example.com/v1/chat", "https://api.example.com/v1/chat"),
        ("https://api.example.com/v1/chat/completions?key=1", "https://api.example.com/v1?key=1"),
    ],
)
def test_the_address_of_the_one_call_is_understood(written, understood):
    assert entry(api_base=written).api_base == understood


def test_what_may_be_secret_is_not_shown():
    config = entry(api_base="https://api.example.com/v1?key=hidden", headers={"X-Api-Key": "hidden"})

    assert "hidden" not in repr(config)


def test_a_line_break_at_the_end_of_a_header_is_no_part_of_it():
    assert entry(headers={"X-Team": " blue\n"}).headers == {"X-Team": "blue"}


@pytest.mark.parametrize("value", ["canary-ß", "canary\nX-B: c", "canary\x00", "canary 😀"])
def test_a_header_that_cannot_be_sent_is_a_mistake_that_does_not_repeat_it(value):
    with pytest.raises(ValueError, match="no header can carry") as caught:
        entry(headers={"X-Key": value})

    (error,) = caught.value.errors(include_input=False)
    assert error["loc"] == ("headers", "X-Key")
    assert "canary" not in error["msg"]
