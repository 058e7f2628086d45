from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.settings import ROOT, Settings

PATHS = st.text("abcXYZ019_-. é/", min_size=1).filter(lambda text: text == text.strip()).map(lambda text: ROOT / text)
CHOICES = st.fixed_dictionaries(
    {
        "provider_config": PATHS,
        "bot_config": PATHS,
        "multi_provider_enabled": st.booleans(),
        "allow_without_key": st.booleans(),
        "max_body_mb": st.integers(1, 1024),
        "debug": st.booleans(),
        "log_level": st.sampled_from(["debug", "info", "warning", "error"]),
        "log_format": st.sampled_from(["auto", "console", "json"]),
    }
)


def test_an_empty_environment_gives_the_defaults():
    settings = Settings.read({})

    assert settings == Settings()
    assert settings.provider_config == ROOT / "config" / "providers.yaml"
    assert settings.problems == ()


@pytest.mark.parametrize(
    ("variable", "text", "value"),
    [
        ("PROVIDER_CONFIG", "/etc/p.yaml", Path("/etc/p.yaml")),
        ("BOT_CONFIG", " b.yaml ", ROOT / "b.yaml"),
        ("MULTI_PROVIDER_ENABLED", "false", False),
        ("MULTI_PROVIDER_ENABLED", "0", False),
        ("ALLOW_WITHOUT_KEY", "True", True),
        ("MAX_BODY_MB", "5", 5),
        ("DEBUG", "1", True),
        ("LOG_LEVEL", "WARNING", "warning"),
        ("LOG_FORMAT", "Json", "json"),
    ],
)
def test_each_field_is_read_from_its_variable(variable, text, value):
    settings = Settings.read({variable: text})

    assert getattr(settings, variable.lower()) == value
    assert settings.problems == ()


@pytest.mark.parametrize("variable", ["LOG_LEVEL", "MAX_BODY_MB", "DEBUG", "PROVIDER_CONFIG"])
def test_a_blank_variable_counts_as_unset(variable):
    assert Settings.read({variable: "  "}) == Settings()


@pytest.mark.parametrize(
    ("variable", "text", "message"),
    [
        ("LOG_LEVEL", "loud", "input should be 'debug', 'info', 'warning' or 'error'."),
        ("MAX_BODY_MB", "0", "input should be greater than or equal to 1."),
        ("MAX_BODY_MB", "many", "input should be a valid integer, unable to parse string as an integer."),
        ("DEBUG", "perhaps", "input should be a valid boolean, unable to interpret input."),
    ],
)
def test_a_bad_value_is_a_problem_and_the_default_is_in_force(variable, text, message):
    settings = Settings.read({variable: text, "LOG_FORMAT": "json"})

    assert [str(problem) for problem in settings.problems] == [
        f"the environment variable {variable} cannot be used: {message}"
    ]
    assert getattr(settings, variable.lower()) == getattr(Settings(), variable.lower())
    assert settings.log_format == "json"


def test_the_environment_of_the_process_is_read_when_it_is_asked_for(monkeypatch):
    monkeypatch.setenv("LOG_LEVEL", "error")

    assert Settings.read().log_level == "error"


def test_a_copy_differs_only_in_what_was_given():
    settings = Settings(debug=True)

    changed = settings.with_changes(log_level="error", bot_config=None)

    assert changed == Settings(debug=True, log_level="error")
    assert settings.log_level == "info"


def test_a_change_of_something_unknown_is_refused_with_the_nearest_name():
    with pytest.raises(TypeError, match=r"no setting `log_levl`\. Did you mean `log_level`\?"):
        Settings().with_changes(log_levl="error")


@given(CHOICES)
def test_settings_survive_the_way_through_the_environment(chosen):
    settings = Settings(**chosen)

    assert Settings.read(settings.to_environment()) == settings
