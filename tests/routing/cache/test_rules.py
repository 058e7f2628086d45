import pytest

from utils.routing.cache import parse_ttl


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30s", 30),
        ("10m", 600),
        ("1h", 3600),
        ("2 days", 172800),
        ("1 Day", 86400),
        ("1.5h", 5400),
        (" 90 ", 90),
        ("1w", 604800),
        (45, 45),
        (0.5, 0.5),
    ],
)
def test_a_time_is_read_as_people_write_it(text, seconds):
    assert parse_ttl(text) == seconds


@pytest.mark.parametrize(
    "text",
    ["", "soon", "0", "0s", "-1h", "1 fortnight", "h", "1h30m", "nan", "inf", "9" * 400, "١h", True, float("nan"), -3],
)
def test_what_is_no_time_is_answered_with_how_to_write_one(text):
    with pytest.raises(ValueError, match=r"write a number above 0 with s, m, h or d behind it, like 30s, 10m, 1h"):
        parse_ttl(text)
