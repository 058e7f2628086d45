"""What a person does in the browser."""

import re
from contextlib import suppress

import pytest
from playwright.sync_api import Download, Locator, Page, TimeoutError

both_widths = pytest.mark.parametrize("page", ["desk", "phone"], indirect=True)
_MENU = "document.querySelector('[data-testid=stSidebar]')"
_TRIES, _TRY_MILLISECONDS = 9, 5_000


def is_phone(page: Page) -> bool:
    """Whether the window is as narrow as that."""
    size = page.viewport_size
    return size is not None and size["width"] < 600


def main(page: Page) -> Locator:
    """The page without what is beside it."""
    return page.get_by_test_id("stMainBlockContainer")


def menu(page: Page, *, is_open: bool) -> None:
    """On a phone what is on the left lies behind a button."""
    if is_phone(page):
        name = "stExpandSidebarButton" if is_open else "stSidebarCollapseButton"
        page.get_by_test_id(name).first.click()
        if is_open:  # what is clicked while it slides in makes it scroll, and that shuts a list
            page.wait_for_function(f"{_MENU}.getBoundingClientRect().left >= 0")


def until_drawn(page: Page) -> None:
    """The run that a click has begun is over."""
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()


def ask(page: Page, words: str) -> None:
    """Write it, and send it off."""
    field = page.get_by_test_id("stChatInputTextArea")
    field.fill(words)
    field.press("Enter")


def answer(page: Page, number: int = 1) -> Locator:
    """What was answered to the question of that number."""
    return page.get_by_test_id("stChatMessage").nth(2 * number - 1)


def choose(page: Page, label: str, name: str) -> None:
    """Choose something in the drop-down of that name. Its list shuts when the page is drawn or scrolls: then again."""
    until_drawn(page)
    field = page.get_by_test_id("stSelectbox").filter(has_text=label).first.locator("input")
    option = page.get_by_role("option", name=re.compile(rf"^{re.escape(name)}\b")).first
    click_through(field, option)


def click_through(opener: Locator, wanted: Locator) -> None:
    """Open, and click what is behind it. A click that falls into a redrawing opens nothing: then again."""
    for _ in range(_TRIES):
        with suppress(TimeoutError):
            opener.click(timeout=_TRY_MILLISECONDS)  # what is open already stays so, or lies above this
        with suppress(TimeoutError):
            wanted.click(timeout=_TRY_MILLISECONDS)
            return
    raise AssertionError(f"{wanted} is not to be had")


def taken_home(page: Page, name: str) -> Download:
    """What the button of that name gives. A click that falls into a redrawing gives nothing: then again."""
    for _ in range(_TRIES):
        until_drawn(page)
        with suppress(TimeoutError):
            with page.expect_download(timeout=_TRY_MILLISECONDS) as download:
                page.get_by_role("button", name=name).click(timeout=_TRY_MILLISECONDS)
            return download.value
    raise AssertionError(f"{name} gives nothing")


def go_to(page: Page, name: str) -> None:
    """Click the name of a page. On a phone it stands in the menu, which shuts then."""
    if is_phone(page):
        page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_role("link", name=name, exact=True).click()
    here = page.get_by_test_id("stChatInput") if name == "Chat" else main(page).get_by_role("heading", name=name)
    here.first.wait_for()
