"""The page Providers, as its logic: how each fares; tested, added, taken out, put back and removed."""

import httpx
import pytest

from tests.apps import app_of
from tests.console.conftest import ADMIN_KEY, BOTS, PROVIDERS
from tests.console.showing import button, buttons, by_key, everything, meant, open_page, option, write
from utils.cli.local_server import serving_in_background

KEY_ITSELF = "sk-canary-0123456789abcdefghij"


@pytest.fixture
def page(address, console_at):
    """The page with the admin key."""
    return open_page(console_at(address, ADMIN_KEY=ADMIN_KEY), "providers")


def told(console):
    said = [str(each.value) for each in console.success]
    return "\n".join([everything(console), *said]).replace("\\", "").replace("\u00a0", " ")


def test_each_provider_says_how_it_is(page):
    assert "**keyed** :small[:gray[2 models]]" in told(page)
    assert "llm.example.com/v1" in told(page)
    assert "WORKSHOP_API_KEY is not set." in told(page)
    assert "not asked yet" in told(page)


def test_a_provider_is_tested_with_one_click(page):
    by_key(page, "providers_test_demo").click().run()

    assert "demo answers · first word after" in told(page)
    assert "tokens · $0" in told(page)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("keyed", "There is no key (WORKSHOP_API_KEY is not set). Set WORKSHOP_API_KEY."),
        ("broken", "It is too busy, or broken on its side"),
    ],
)
def test_a_test_that_fails_says_what_to_do(page, name, words):
    by_key(page, f"providers_test_{name}").click().run()

    assert words in told(page)
    assert not page.success


def test_a_connection_that_fails_is_told_in_plain_words_with_its_address(tmp_path, monkeypatch, console_at):
    monkeypatch.setenv("ADMIN_KEY", ADMIN_KEY)
    providers = 'providers: [{name: away, api_base: "http://127.0.0.1:9/v1", default_model: one}]'
    with serving_in_background(app_of(tmp_path, "bots: []", providers, ledger="off")) as address:
        page = open_page(console_at(address, ADMIN_KEY=ADMIN_KEY), "providers")
        by_key(page, "providers_test_away").click().run()

    assert "No connection could be made (nothing listens there). Check `api_base` (http://127.0.0.1:9/v1)" in told(page)


def test_a_test_is_told_until_the_entry_is_another_one(address, page):
    by_key(page, "providers_test_demo").click().run()
    key = {"authorization": f"Bearer {ADMIN_KEY}"}
    entry = {"name": "demo", "kind": "demo", "models": ["demo", "demo-think-3"], "timeout": 9}
    answer = httpx.put(f"{address}/admin/config/providers/demo", json={"entry": entry}, headers=key)
    assert answer.json()["saved"], answer.text

    page.run()

    assert "demo answers" not in told(page)


def test_one_that_is_known_is_filled_in_and_says_where_its_key_goes(tmp_path, page):
    option(button(page, "Add a provider").click().run(), "Which one", "deepseek")

    assert "It needs a key, in the variable `DEEPSEEK_API_KEY`. The key itself is never written here." in told(page)
    meant(page, button(page, "Review and save"), "Save")

    assert "api_key_env: DEEPSEEK_API_KEY" in (tmp_path / "providers.yaml").read_text()
    assert "deepseek is saved and in force" in told(page)
    assert "python config_manager.py keys set DEEPSEEK_API_KEY" in told(page)
    assert {"Test it", "Make a bot with it"} <= set(buttons(page))


def test_a_server_of_ones_own_is_added_and_a_bot_made_with_it(page):
    option(button(page, "Add a provider").click().run(), "Which one", "")
    write(write(page, "Name", "studio"), "Address", "http://localhost:1/v1")
    meant(page, button(page, "Review and save"), "Save")

    button(page, "Make a bot with it").click().run()

    assert [each.value for each in page.title] == ["A new bot"]
    assert next(each for each in page.selectbox if each.label == "Provider").value == "studio"


def test_an_address_that_is_missing_is_said_at_the_address(page):
    option(button(page, "Add a provider").click().run(), "Which one", "")

    button(write(page, "Name", "studio"), "Review and save").click().run()

    assert "To mend above: **Address**." in told(page)


def test_a_key_where_a_name_belongs_is_refused_and_not_repeated(tmp_path, page):
    option(button(page, "Add a provider").click().run(), "Which one", "")
    write(write(page, "Name", "studio"), "Address", "http://localhost:1/v1")

    button(write(page, "Variable of its key", KEY_ITSELF), "Review and save").click().run()

    assert "looks like a key; write the name of a variable" in told(page)
    assert KEY_ITSELF not in told(page)
    assert KEY_ITSELF not in (tmp_path / "providers.yaml").read_text()


def test_the_lines_are_shown_without_a_key_that_was_refused(page):
    option(button(page, "Add a provider").click().run(), "Which one", "")
    write(write(page, "Name", "studio"), "Address", "http://localhost:1/v1")
    button(write(page, "Variable of its key", KEY_ITSELF), "Review and save").click().run()

    page.button_group[0].set_value(":material/code: As YAML").run()

    assert "name: studio" in page.text_area[0].value
    assert "api_key_env" not in page.text_area[0].value
    assert "Left out, for it was refused: **api_key_env**." in told(page)
    assert KEY_ITSELF not in told(page)


def test_a_key_that_stands_in_the_file_never_comes_to_the_page(tmp_path, monkeypatch, console_at):
    monkeypatch.setenv("ADMIN_KEY", ADMIN_KEY)
    providers = PROVIDERS + (
        f'- {{name: studio, api_base: "http://localhost:1/v1", headers: {{Authorization: "Bearer {KEY_ITSELF}"}}}}\n'
    )
    with serving_in_background(app_of(tmp_path, BOTS, providers, ledger="off")) as address:
        page = open_page(console_at(address, ADMIN_KEY=ADMIN_KEY), "providers")
        by_key(page, "providers_edit_studio").click().run()
        page.button_group[0].set_value(":material/code: As YAML").run()
        write(page, "Its lines", page.text_area[0].value + "\n# mine\n")
        button(page, "Review and save").click().run()

    assert "***" in page.text_area[0].value
    assert KEY_ITSELF not in page.text_area[0].value + told(page) + "".join(each.value for each in page.code)


def test_a_provider_is_taken_out_with_a_reason_and_put_back(address, page):
    meant(page, by_key(page, "providers_out_demo"), "Take it out")
    assert "taken out" in told(page)
    assert httpx.get(f"{address}/bots").json()["DemoBot"]["why_shut"]

    by_key(page, "providers_in_demo").click().run()

    assert "taken out" not in told(page)
    assert "why_shut" not in httpx.get(f"{address}/bots").json()["DemoBot"]


def test_a_provider_that_bots_need_stays_and_says_who_they_are(page):
    by_key(page, "providers_remove_demo").click().run()

    assert "**demo** cannot be removed" in told(page)
    assert "is needed by DemoBot, Steady, Host" in told(page)
    assert "Remove" not in buttons(page)


def test_a_read_only_file_says_why_nothing_can_be_changed(monkeypatch, address, console_at):
    monkeypatch.setenv("MODAL_IS_REMOTE", "1")

    page = open_page(console_at(address, ADMIN_KEY=ADMIN_KEY), "providers")

    assert "part of what was deployed" in told(page)
    assert "Test" in buttons(page)
    assert not {"Add a provider", "Change"} & set(buttons(page))
