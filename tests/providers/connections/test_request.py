import pytest

from utils.providers.connections.request import Where, request_bytes, where


@pytest.mark.parametrize(
    ("address", "server", "path", "name"),
    [
        ("https://a.example/v1/chat", Where("https", "a.example", 443), "/v1/chat", "a.example"),
        ("HTTPS://A.Example:443", Where("https", "a.example", 443), "/", "a.example"),
        ("http://a.example:8080/?x=1&y=a+b", Where("http", "a.example", 8080), "/?x=1&y=a+b", "a.example:8080"),
        ("http://[::1]:11434/v1", Where("http", "::1", 11434), "/v1", "[::1]:11434"),
        ("https://bücher.example/", Where("https", "xn--bcher-kva.example", 443), "/", "xn--bcher-kva.example"),
        ("http://a.example/a b/ü", Where("http", "a.example", 80), "/a%20b/%C3%BC", "a.example"),
        ("http://a.example/a%20b?c=%26", Where("http", "a.example", 80), "/a%20b?c=%26", "a.example"),
        ("http://a.example/models/x:cloud@1#part", Where("http", "a.example", 80), "/models/x:cloud@1", "a.example"),
    ],
)
def test_an_address_says_where_to_ask_and_for_what(address, server, path, name):
    assert where(address) == (server, path)
    assert server.as_header == name


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nowhere",
        "ftp://a.example/",
        "http://",
        "http:///v1",
        "http://a.example:99999/",
        "http://me:word@a.example/",
    ],
)
def test_what_is_no_address_is_not_asked(address):
    with pytest.raises(ValueError, match=r"no address|Port|not sent"):
        where(address)


def test_a_question_says_what_was_put_into_it_and_no_more():
    server, path = where("http://a.example:8080/v1?x=1")

    asked = request_bytes("POST", server, path, {"Accept": "text/plain"}, b"{}")

    assert (
        asked == b"POST /v1?x=1 HTTP/1.1\r\nHost: a.example:8080\r\nAccept: text/plain\r\nContent-Length: 2\r\n\r\n{}"
    )


def test_a_question_without_a_body_does_not_announce_one():
    server, path = where("http://a.example")

    assert request_bytes("GET", server, path, {}, None) == b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-A", "1\r\nX-B: 2"),
        ("X-A", "1\nX-B: 2"),
        ("X-A", "\x00"),
        ("X-A\r\nX-B", "2"),
        ("X A", "1"),
        ("X-A:", "1"),
        ("", "1"),
        ("X-A", "“quoted”"),
        ("Content-Length", "0"),
        ("transfer-encoding", "chunked"),
        ("Host", "b.example"),
    ],
)
def test_nothing_gets_into_a_question_by_way_of_a_header(name, value):
    server, path = where("http://a.example")

    with pytest.raises(ValueError, match=r"as a header|can't encode"):
        request_bytes("POST", server, path, {name: value}, b"{}")
