"""`${NAME}` in a value is replaced from the environment."""

import pytest

from tests.registry.files import BOT, bots_of, messages, providers_of


@pytest.mark.parametrize(
    ("written", "environ", "read"),
    [
        ("${TEAM}", {"TEAM": "blue"}, "blue"),
        ("to ${TEAM} and ${TEAM}!", {"TEAM": "blue"}, "to blue and blue!"),
        ("${TEAM:-red}", {"TEAM": "blue"}, "blue"),
        ("${TEAM:-red}", {}, "red"),
        ("${TEAM:-red}", {"TEAM": ""}, "red"),
        ("${TEAM:-}", {}, ""),
        ("${TEAM:-http://localhost:1/v1}", {}, "http://localhost:1/v1"),
        ("$${TEAM}", {"TEAM": "blue"}, "${TEAM}"),
        ("$${TEAM}", {}, "${TEAM}"),
        ("$TEAM costs 5$", {"TEAM": "blue"}, "$TEAM costs 5$"),
        ("${TEAM}", {"TEAM": "${OTHER}", "OTHER": "x"}, "${OTHER}"),
    ],
)
def test_a_variable_is_replaced_by_what_it_holds(tmp_path, written, environ, read):
    bot = bots_of(f"{BOT}    system_message: '{written}'\n", tmp_path, environ=environ)["Poet"]

    assert bot.system_message == read


def test_variables_are_replaced_however_deep_they_stand(tmp_path):
    text = "providers: [{name: a, api_base: https://a.example, models: ['${M}'], params: {x: [{y: '${N}'}]}}]"

    provider = providers_of(text, tmp_path, M="tiny", N="deep")["a"]

    assert provider.models[0].name == "tiny"
    assert provider.additional_params == {"x": [{"y": "deep"}]}


def test_a_variable_may_hold_a_number_or_a_switch(tmp_path):
    text = "providers: [{name: a, api_base: https://a.example, timeout: '${T}', enabled: '${ON}'}]"

    assert providers_of(text, tmp_path, T="9", ON="yes")["a"].timeout == 9


@pytest.mark.parametrize("environ", [{}, {"NOWHERE": ""}])
def test_a_variable_that_is_not_set_is_an_error_of_its_entry_alone(tmp_path, environ):
    text = """\
providers:
  - name: a
    api_base: https://${NOWHERE}.example
  - {name: b, api_base: https://b.example}
"""

    registry = providers_of(text, tmp_path, **environ)

    assert messages(registry) == ["providers.yaml:3: provider `a`: the environment variable NOWHERE is not set."]
    assert list(registry) == ["b"]


def test_each_variable_that_is_not_set_is_told_once_on_its_own_line(tmp_path):
    text = f"{BOT}    system_message: ${{TEAM_2}}\n    bot_description: ${{TEAM}} and ${{TEAM}}\n"

    registry = bots_of(text, tmp_path)

    assert messages(registry) == [
        "bots.yaml:5: bot `Poet`: the environment variable TEAM is not set.",
        "bots.yaml:4: bot `Poet`: the environment variable TEAM_2 is not set.",
    ]


@pytest.mark.parametrize("off", ["false", "no", "'false'", "'off'", "${SWITCH:-false}"])
def test_what_is_switched_off_needs_no_variables(tmp_path, off):
    text = f"""\
providers:
  - name: a
    enabled: {off}
    api_base: https://${{NOWHERE}}.example
    timeout: ${{NOWHERE}}
"""

    registry = providers_of(text, tmp_path)

    assert messages(registry) == []
    assert list(registry) == []


def test_a_value_from_the_environment_is_in_no_message(tmp_path):
    text = "providers: [{name: a, api_base: '${WHERE}', timeout: '${T}', images: '${K}', enabled: '${E}'}]"

    registry = providers_of(text, tmp_path, WHERE="canary-1", T="canary-2", K="canary-3", E="canary-4")

    assert len(messages(registry)) == 4
    assert not any("canary" in message for message in messages(registry))
