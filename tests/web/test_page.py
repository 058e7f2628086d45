from html.parser import HTMLParser

import pytest

from tests.web.servers import api_of, bot, browser, seen
from utils.web.page import page

HERE = "https://me--poe-bots.modal.run"
HOSTILE = """<script>alert(1)</script>"'><img src=x onerror=alert(2)>&amp;"""
CANNOT_REACH = "Poe cannot reach this address"


class Reader(HTMLParser):
    """What a browser makes of a page: its tags and attributes, its text, and the bots' addresses."""

    VOID = frozenset({"meta", "link"})

    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.texts, self.addresses, self.states = [], [], [], [], []
        self._open = []
        self.feed(html)
        self.close()

    @property
    def text(self):
        return " ".join("".join(self.texts).split())

    @property
    def links(self):
        return [value for name, value in self.attributes if name == "href" and not value.startswith("data:")]

    @property
    def is_closed(self):
        return not self._open

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in self.VOID:
            self._open.append((tag, dict(attrs).get("class", "")))

    def handle_endtag(self, tag):
        assert self._open.pop()[0] == tag

    def handle_data(self, data):
        if any(tag == "style" for tag, _ in self._open):
            return
        self.texts.append(data)
        if self._open and self._open[-1] == ("code", "address"):
            self.addresses.append(data)
        if self._open and self._open[-1][1].startswith("state "):
            self.states.append((self._open[-1][1].removeprefix("state "), data))


def test_a_bot_is_shown_with_all_that_its_owner_wants_to_know():
    overview = seen(bot("Poet", description="Writes verse", provider="anthropic", model="claude-haiku-5-5"))

    shown = Reader(page(overview, HERE))

    assert "Poet ready Writes verse anthropic · claude-haiku-5-5 https://me--poe-bots.modal.run/Poet" in shown.text


def test_a_bot_without_a_provider_runs_on_its_own_code():
    shown = Reader(page(seen(bot(provider=None, model=None)), HERE))

    assert "its own code" in shown.text
    assert "None" not in shown.text


def test_a_bot_that_is_not_ready_says_why_and_where_the_key_goes():
    shown = Reader(page(seen(bot("A"), bot("B", why_not_ready="OPENAI_API_KEY is not set")), HERE))

    assert shown.states[1:] == [("green", "ready"), ("amber", "OPENAI_API_KEY is not set")]
    assert "1 of 2 bots ready" in shown.text
    assert "A key that is missing goes into the file .env" in shown.text


def test_where_keys_go_is_not_explained_when_none_is_missing():
    shown = Reader(page(seen(bot()), HERE))

    assert "A key that is missing" not in shown.text


@pytest.mark.parametrize(
    ("overview", "state"),
    [
        (seen(bot()), ("green", "Up and running")),
        (seen(bot(), has_errors=True), ("amber", "Running, but something was left out")),
        (seen(), ("red", "No bot is served")),
    ],
)
def test_the_state_of_the_server_stands_at_the_top_with_its_version(overview, state):
    shown = Reader(page(overview, HERE))

    assert shown.states[0] == state
    assert "version 1.2.3" in shown.text


@pytest.mark.parametrize(
    "overview",
    [
        seen(bot(HOSTILE)),
        seen(bot(description=HOSTILE)),
        seen(bot(provider=HOSTILE)),
        seen(bot(model=HOSTILE)),
        seen(bot(path=f"/{HOSTILE}")),
        seen(bot(why_not_ready=HOSTILE)),
        seen(bot(why_not_ready=f"`{HOSTILE}`")),
        seen(bot(), problems=(HOSTILE,)),
        seen(bot(), problems=(f"`{HOSTILE}`",)),
        seen(bot(), version=HOSTILE),
    ],
)
def test_nothing_that_is_shown_becomes_part_of_the_page(overview):
    shown = Reader(page(overview, HERE))

    assert not {"script", "img"} & set(shown.tags)
    assert shown.is_closed


def test_a_hostile_address_does_not_become_part_of_the_page():
    shown = Reader(page(seen(bot()), f"http://{HOSTILE}"))

    assert not {"script", "img"} & set(shown.tags)


def test_a_name_full_of_markup_is_shown_as_it_is():
    shown = Reader(page(seen(bot(HOSTILE)), HERE))

    assert HOSTILE in shown.text


@pytest.mark.parametrize(
    ("path", "quoted"),
    [
        ("/DemoBot", "/DemoBot"),
        ("/team/DemoBot", "/team/DemoBot"),
        ("/My Bot", "/My%20Bot"),
        ("/Übersetzer", "/%C3%9Cbersetzer"),
        ("/a?b#c", "/a%3Fb%23c"),
        ("/100%41", "/100%2541"),
        ("/<script>", "/%3Cscript%3E"),
    ],
)
def test_the_address_of_a_bot_can_be_pasted_as_it_stands(path, quoted):
    shown = Reader(page(seen(bot(path=path)), HERE))

    assert shown.addresses == [HERE + quoted]


def test_problems_are_listed_and_what_stands_in_backticks_is_code():
    problem = "config/bots.yaml:14: bot `Poet` asks for provider `opnai`. Did you mean `openai`?"

    html = page(seen(bot(), problems=(problem, "another one"), has_errors=True), HERE)

    assert problem.replace("`", "") in Reader(html).text
    assert "another one" in Reader(html).text
    assert "<code>opnai</code>" in html


def test_nothing_is_said_of_problems_when_there_are_none():
    shown = Reader(page(seen(bot()), HERE))

    assert "To be put right" not in shown.text


def test_the_steps_to_poe_name_every_place_and_variable():
    shown = Reader(page(seen(bot()), HERE))

    assert "https://poe.com/create_bot?server=1" in shown.links
    for words in ("Server URL", "access key: POE_ACCESS_KEY_DEMOBOT", "or into POE_ACCESS_KEY", "secret poe-bots"):
        assert words in shown.text


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:8000",
        "http://127.8.8.8",
        "http://localhost:8000",
        "http://LOCALHOST",
        "http://bots.localhost:8000",
        "http://[::1]:8000",
        "http://0.0.0.0:8000",
        "http://192.168.1.20:8000",
    ],
)
def test_an_address_that_works_only_here_comes_with_the_way_out(address):
    shown = Reader(page(seen(bot()), address))

    assert CANNOT_REACH in shown.text
    assert "modal deploy app.py" in shown.text


@pytest.mark.parametrize(
    "address",
    [HERE, "https://bots.example:8443", "https://localhost.example", "https://8.8.8.8", "http://[2606:4700::1111]"],
)
def test_an_address_that_others_can_reach_comes_without_a_warning(address):
    shown = Reader(page(seen(bot()), address))

    assert CANNOT_REACH not in shown.text


def test_a_server_without_bots_says_what_to_do():
    shown = Reader(page(seen(), HERE))

    assert "None is served yet" in shown.text
    assert "config/bots.yaml" in shown.text
    assert "bots: - bot_name: MyBot" in shown.text
    assert "Connect a bot to Poe" not in shown.text


def test_the_listings_are_linked():
    shown = Reader(page(seen(bot()), HERE))

    assert shown.links[-3:] == ["/health", "/bots", "/providers"]


@pytest.mark.parametrize(
    "overview", [seen(), seen(bot(), bot("B", why_not_ready="no key"), problems=("a", "b"), has_errors=True)]
)
def test_the_page_is_complete_in_itself(overview):
    html = page(overview, HERE)

    shown = Reader(html)
    assert html.startswith("<!doctype html>")
    assert shown.is_closed
    assert "script" not in shown.tags
    assert not [name for name, _ in shown.attributes if name.startswith("on") or name == "src"]
    assert "url(" not in html
    assert "@import" not in html


async def test_a_browser_gets_the_page_under_the_address_that_it_asked():
    async with browser(api_of(seen(bot()))) as client:
        response = await client.get("/", headers={"host": "me.example:8443"})

    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert Reader(response.text).addresses == ["http://me.example:8443/DemoBot"]


@pytest.mark.parametrize("host", ["", "[", "a b", "user:pw@bots.example", "localhost:99999999", HOSTILE])
async def test_a_host_that_is_none_harms_nobody(host):
    async with browser(api_of(seen(bot()))) as client:
        response = await client.get("/", headers={"host": host})

    assert response.status_code == 200
    assert not {"script", "img"} & set(Reader(response.text).tags)


async def test_the_browser_is_told_to_load_and_run_nothing():
    async with browser(api_of(seen(bot()))) as client:
        response = await client.get("/")

    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert response.headers["x-content-type-options"] == "nosniff"
