import pytest

from utils.poe.attachments.image_type import image_type


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"\x89PNG\r\n\x1a\n...", "image/png"),
        (b"\xff\xd8\xff\xe0...", "image/jpeg"),
        (b"GIF87a...", "image/gif"),
        (b"GIF89a...", "image/gif"),
        (b"RIFF\n\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", None),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", None),
        (b"<html>", None),
        (b" \x89PNG\r\n\x1a\n", None),
        (b"\x1f\x8b\x08", None),
        (b"", None),
    ],
)
def test_the_first_bytes_say_what_it_is(data, expected):
    assert image_type(data) == expected
