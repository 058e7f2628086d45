import pytest

from utils.problems import Problem, did_you_mean, nearest, short_path


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (Problem("it is wrong."), "it is wrong."),
        (Problem("it is wrong.", "bots.yaml"), "bots.yaml: it is wrong."),
        (Problem("it is wrong.", "bots.yaml", 7), "bots.yaml:7: it is wrong."),
    ],
)
def test_a_problem_reads_as_where_and_what(problem, text):
    assert str(problem) == text


@pytest.mark.parametrize(
    ("name", "meant"),
    [("modle", "model"), ("MODEL", "model"), ("Api_Base", "api_base"), ("zebra", None), ("", None)],
)
def test_the_nearest_name_is_the_one_that_was_probably_meant(name, meant):
    assert nearest(name, ["model", "api_base", "timeout"]) == meant


def test_a_near_name_is_asked_for_and_a_far_one_is_not():
    assert did_you_mean("modle", ["model"]) == " Did you mean `model`?"
    assert did_you_mean("zebra", ["model"]) == ""
    assert did_you_mean("model", []) == ""


def test_a_path_below_the_working_folder_is_shown_from_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert short_path(tmp_path / "config" / "bots.yaml") == "config/bots.yaml"


def test_another_path_is_shown_by_its_name(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    assert short_path(tmp_path / "bots.yaml") == "bots.yaml"
