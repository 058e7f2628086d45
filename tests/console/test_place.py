"""Which server is looked at, and that a key goes nowhere but to its own address."""

import pytest

from console.place import server_of_environment
from console.server import Trouble, is_of_this_machine, normal_address
from tests.console.conftest import ADMIN_KEY
from tests.console.showing import connect, everything


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("https://A.modal.run/", "https://a.modal.run"),
        ("a.modal.run", "https://a.modal.run"),
        ("https://a.modal.run:443", "https://a.modal.run"),
        ("localhost:8000", "http://localhost:8000"),
        (" http://127.0.0.1:8000/bots/ ", "http://127.0.0.1:8000/bots"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_an_address_has_one_form(said, address):
    assert normal_address(said) == address


@pytest.mark.parametrize("said", ["", "ftp://a", "http://user:word@a", "http://a:port", "https://"])
def test_what_is_no_address_is_refused(said):
    with pytest.raises(Trouble):
        normal_address(said)


@pytest.mark.parametrize(
    ("address", "is_here"),
    [("http://127.0.0.1:1", True), ("http://[::1]", True), ("http://localhost", True), ("http://10.0.0.1", False)],
)
def test_this_machine_is_known(address, is_here):
    assert is_of_this_machine(address) is is_here


def test_the_environment_names_a_server_and_its_keys():
    server = server_of_environment(
        {"CONSOLE_SERVER": "https://a.example/", "ADMIN_KEY": " k ", "CONSOLE_CLIENT_KEY": ""}
    )

    assert (server.address, server.admin_key, server.client_key) == ("https://a.example", "k", None)
    assert "k" not in repr(server).replace("client_key", "").replace("admin_key", "")


def test_the_key_of_this_server_is_not_sent_to_another(address, console_at):
    console = console_at(address, ADMIN_KEY=ADMIN_KEY)
    assert console.session_state["_server"].admin_key == ADMIN_KEY

    connect(console, "http://127.0.0.1:9")
    assert console.session_state["_server"].admin_key is None

    connect(console, address)
    assert console.session_state["_server"].admin_key == ADMIN_KEY


def test_a_key_that_was_given_stays_with_its_address(address, console_at):
    console = console_at(address)

    connect(console, "http://127.0.0.1:9", "another-key")
    connect(console, address)
    assert console.session_state["_server"].admin_key != "another-key"
    connect(console, "http://127.0.0.1:9")

    assert console.session_state["_server"].admin_key == "another-key"


def test_a_wrong_admin_key_is_called_refused_where_it_was_given(address, console_at):
    console = connect(console_at(address, ADMIN_KEY=ADMIN_KEY), address, "a-wrong-key")
    assert "Admin key: :red[refused]" in everything(console)

    connect(console, address, ADMIN_KEY)

    assert "Admin key: given" in everything(console)


def test_no_key_is_on_the_page(address, console_at):
    console = connect(console_at(address, ADMIN_KEY=ADMIN_KEY), address, "another-key")

    assert "another-key" not in everything(console)
    opened = console_at(address, ADMIN_KEY=ADMIN_KEY)
    assert ADMIN_KEY not in everything(opened) + "".join(str(each.value) for each in opened.text_input)


def test_a_poor_address_is_a_sentence(address, console_at):
    console = connect(console_at(address), "ftp://there")

    assert "no address of a server" in everything(console)
    assert not console.exception
