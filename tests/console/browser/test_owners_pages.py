"""The owner's pages in a browser: a bot from its first line to its removal, and a provider that is tested and rests."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.console.browser.doing import answer, ask, both_widths, choose, click_through, go_to, main, menu, until_drawn

HOSTILE = "<img src=x onerror=alert(1)>"


def write(page: Page, label: str, words: str) -> None:
    page.get_by_role("textbox", name=label, exact=True).fill(words)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).first.click()


def begin_a_bot(page: Page, name: str) -> None:
    go_to(page, "Bots")
    press(page, "Add a bot")
    write(page, "Name", name)
    choose(page, "Provider", "demo")


def review(page: Page) -> Locator:
    press(page, "Review and save")
    return page.get_by_role("dialog")


def save(page: Page) -> None:
    review(page).get_by_role("button", name="Save").click()
    expect(page.get_by_text("is saved and")).to_be_visible()


def remove(page: Page, name: str) -> None:
    dialog = page.get_by_role("dialog")
    click_through(main(page).get_by_role("button", name="delete"), dialog.get_by_role("button", name="Remove"))
    expect(page.get_by_text(f"{name} is removed.")).to_be_visible()


def search(page: Page, name: str) -> None:
    """Until the only row is that of the name: a list that is still being drawn has a first row, too."""
    field = page.get_by_placeholder(re.compile("^Search "))
    field.wait_for()
    until_drawn(page)
    field.fill(name)
    expect(main(page).get_by_role("button", name="delete")).to_have_count(1)
    until_drawn(page)


@both_widths
def test_a_bot_is_added_asked_changed_and_removed(page: Page, console: str):
    begin_a_bot(page, "Poet")
    expect(review(page)).to_contain_text("bot_name: Poet")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    press(page, "Chat with it")
    ask(page, "/echo in verse")
    expect(answer(page)).to_contain_text("in verse")

    page.goto(console)
    page.get_by_text("Ask anything below").wait_for()
    menu(page, is_open=True)
    choose(page, "Bot", "Poet")
    menu(page, is_open=False)
    expect(page.get_by_placeholder("Ask Poet")).to_be_visible()

    go_to(page, "Bots")
    search(page, "Poet")
    press(page, "Change")
    write(page, "Description", "Rhymes.")
    save(page)
    press(page, "Close")

    search(page, "Poet")
    remove(page, "Poet")
    expect(main(page).get_by_text("None of this name.")).to_be_visible()


def test_a_bad_value_is_said_at_its_field(page: Page):
    begin_a_bot(page, "a/b")

    press(page, "Review and save")

    expect(main(page).get_by_text("bot_name should hold no /")).to_be_visible()
    expect(main(page).get_by_text("To mend above: Name.")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_name_of_html_is_words(page: Page):
    page.on("dialog", lambda _: (_ for _ in ()).throw(AssertionError("a script has run")))
    begin_a_bot(page, HOSTILE)
    save(page)

    expect(main(page).get_by_text(f"{HOSTILE} is saved and served")).to_be_visible()
    press(page, "Close")
    search(page, HOSTILE)
    expect(main(page).get_by_text(HOSTILE, exact=True)).to_be_visible()
    assert main(page).locator("img, script").count() == 0
    remove(page, HOSTILE)


def test_a_provider_is_tested_taken_out_and_put_back(page: Page):
    go_to(page, "Providers")
    search(page, "demo")

    press(page, "Test")

    expect(main(page).get_by_text("demo answers · first word after")).to_be_visible()
    click_through(main(page).get_by_role("button", name="block"), page.get_by_role("textbox", name="Why", exact=True))
    write(page, "Why", "maintenance")
    page.get_by_role("dialog").get_by_role("button", name="Take it out").click()
    expect(main(page).get_by_text("taken out").first).to_be_visible()

    press(page, "Put back")

    expect(main(page).get_by_text("taken out")).to_have_count(0)


def test_with_a_wrong_admin_key_one_may_look_and_change_nothing(page: Page):
    go_to(page, "Bots")
    page.get_by_text("Server: running").click()
    page.locator('input[aria-label="Admin key"]').fill("wrong")

    press(page, "Connect")

    expect(main(page).get_by_text("Here you may only look. The admin key is missing or wrong.")).to_be_visible()
    expect(main(page).get_by_text("DemoBot", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Add a bot")).to_have_count(0)
