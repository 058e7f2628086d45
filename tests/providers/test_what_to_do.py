"""What an owner is told of a failure."""

import pytest

from utils.errors import KeyRefused
from utils.providers.what_to_do import what_happened


@pytest.mark.parametrize(
    ("provider_said", "told"),
    [
        ("status 401: no", "it does not accept the key (status 401: no)."),
        ("It is not valid.", "it does not accept the key (It is not valid)."),
        ("", "it does not accept the key."),
    ],
)
def test_what_the_provider_said_is_part_of_one_sentence(provider_said, told):
    assert what_happened(KeyRefused(provider_said)) == told
