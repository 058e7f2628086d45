"""What a person does with a page, and what there is to be seen on it."""

from typing import Any

from streamlit.testing.v1 import AppTest


def open_page(console: AppTest, path: str) -> AppTest:
    """Click the name of that page. `AppTest.switch_page` knows pages that are files, and no others."""
    [page] = [name for name, about in console._registered_pages.items() if about.get("url_pathname") == path]
    console._page_hash = page
    console.run()
    console._page_hash = ""  # from now on it may lead elsewhere by itself
    return console


def say(console: AppTest, words: str) -> AppTest:
    """Ask something, and wait for the whole answer."""
    return console.chat_input[0].set_value(words).run()


def button(console: AppTest, label: str) -> Any:
    """The button of that name."""
    return next(each for each in console.button if each.label == label)


def buttons(console: AppTest) -> list[str]:
    """The names of all buttons."""
    return [each.label for each in console.button]


def by_key(console: AppTest, key: str) -> Any:
    """The button with that key, where several have the same name."""
    return next(each for each in console.button if each.key == key)


def meant(console: AppTest, opening: Any, label: str) -> AppTest:
    """Open a dialog and click that button in it. Only a browser clicks in it later: AppTest runs whole pages."""
    opening.click().run()
    by_key(console, opening.key).click()
    button(console, label).click()
    return console.run()


def write(console: AppTest, label: str, words: str) -> AppTest:
    """Fill in a field."""
    fields = (*console.text_input, *console.text_area)
    next(each for each in fields if each.label == label).set_value(words)
    return console.run()


def connect(console: AppTest, address: str, admin_key: str = "") -> AppTest:
    """Choose a server in the sidebar."""
    for label, value in (("Another address", address), ("Admin key", admin_key)):
        next(each for each in console.text_input if each.label == label).set_value(value)
    button(console, "Connect").click()
    return console.run()


def option(console: AppTest, label: str, value: str) -> AppTest:
    """Choose something in a drop-down."""
    return next(each for each in console.selectbox if each.label == label).set_value(value).run()


def everything(console: AppTest) -> str:
    """All words of the page."""
    kinds = (console.markdown, console.caption, console.subheader, console.warning, console.error, console.info)
    return "\n".join(str(each.value) for kind in kinds for each in kind)
