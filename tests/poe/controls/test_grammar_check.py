"""Poe drops all controls for one mistake in them, so each mistake is told, with its place."""

import copy

import fastapi_poe as fp
import pytest
from fastapi_poe import types
from hypothesis import given
from hypothesis import strategies as st

from tests.poe.controls.bots import condition, drop_down, showing, slider
from utils.poe.controls import wrong_controls

KINDS = "divider, text_field, text_area, drop_down, toggle_switch, slider, aspect_ratio, condition"
FIELD = {"control": "text_field", "label": "Topic", "parameter_name": "topic"}
RATIO = {
    "control": "aspect_ratio",
    "label": "Shape",
    "parameter_name": "shape",
    "options": [
        {"width": 16, "height": 9},
        {"width": 1.5, "height": 1.0},
        {"value": "square", "width": 1, "height": 1},
    ],
}
SWITCH = {"control": "toggle_switch", "label": "Loud", "parameter_name": "loud", "default_value": False}
EVERYTHING = {
    "api_version": "2",
    "sections": [
        {
            "name": "Looks",
            "collapsed_by_default": True,
            "controls": [
                drop_down(default_value="rich"),
                slider(default_value=3),
                {"control": "divider"},
                condition(
                    {**RATIO, "default_value": "1.5:1"}, FIELD, left={"parameter_name": "style"}, comparator="ne"
                ),
            ],
        },
        {
            "tabs": [
                {"name": "Words", "controls": [FIELD, {**FIELD, "control": "text_area", "parameter_name": "TEXT_2"}]},
                {"name": "Sound", "controls": [SWITCH]},
            ]
        },
    ],
}


def test_everything_that_poe_knows_is_right():
    assert list(wrong_controls(EVERYTHING)) == []


def test_the_version_may_be_left_out_for_it_is_always_the_same():
    assert list(wrong_controls({"sections": showing(FIELD)["sections"]})) == []


@pytest.mark.parametrize(
    ("controls", "place", "says"),
    [
        ({"api_version": 2, "sections": [{"controls": [FIELD]}]}, "api_version", "should be '2', in quotes."),
        ({"api_version": "1", "sections": [{"controls": [FIELD]}]}, "api_version", "should be '2'."),
        ({}, "sections", "is missing."),
        ({"sections": {}}, "sections", "should be a list."),
        ({"sections": []}, "sections", "is empty; put at least one into it."),
        ({"sections": ["Looks"]}, "sections.0", "should be a mapping."),
        ({"sections": [{"name": "a"}]}, "sections.0", "has neither `controls` nor `tabs`; give it one of them."),
        (
            {"sections": [{"controls": [FIELD], "tabs": [{"name": "a", "controls": [SWITCH]}]}]},
            "sections.0",
            "has both `controls` and `tabs`; keep one of them.",
        ),
        ({"sections": [{"controls": []}]}, "sections.0.controls", "is empty; put at least one into it."),
        ({"sections": [{"controls": "all"}]}, "sections.0.controls", "should be a list."),
        ({"sections": [{"tabs": []}]}, "sections.0.tabs", "is empty; put at least one into it."),
        (
            {"sections": [{"tabs": [{"name": "a", "controls": []}]}]},
            "sections.0.tabs.0.controls",
            "is empty; put at least one into it.",
        ),
        ({"sections": [{"tabs": [{"name": "a"}]}]}, "sections.0.tabs.0.controls", "is missing."),
        (
            {"sections": [{"tabs": [{"controls": [FIELD]}]}]},
            "sections.0.tabs.0.name",
            "is missing; Poe writes it on the tab.",
        ),
        (
            {"sections": [{"tabs": [{"name": " ", "controls": [FIELD]}]}]},
            "sections.0.tabs.0.name",
            "is missing; Poe writes it on the tab.",
        ),
    ],
)
def test_a_mistake_around_the_controls_is_told_with_its_place(controls, place, says):
    assert list(wrong_controls(controls)) == [told(place, says)]


@pytest.mark.parametrize(
    ("control", "place", "says"),
    [
        ("slider", "", "should be a mapping."),
        ({"label": "a"}, "control", f"is missing; it should be one of {KINDS}."),
        ({"control": "dropdown"}, "control", f"should be one of {KINDS}. Did you mean `drop_down`?"),
        ({"control": "Drop-Down"}, "control", f"should be one of {KINDS}. Did you mean `drop_down`?"),
        ({"control": "select"}, "control", f"should be one of {KINDS}. Did you mean `drop_down`?"),
        ({"control": "checkbox"}, "control", f"should be one of {KINDS}. Did you mean `toggle_switch`?"),
        ({"control": "toggle"}, "control", f"should be one of {KINDS}. Did you mean `toggle_switch`?"),
        ({"control": "textarea"}, "control", f"should be one of {KINDS}. Did you mean `text_area`?"),
        ({"control": "hologram"}, "control", f"should be one of {KINDS}."),
        ({"control": ["slider"]}, "control", f"should be one of {KINDS}. Did you mean `slider`?"),
        ({"control": "text_field", "parameter_name": "a"}, "label", "is missing."),
        ({"control": "text_field", "label": "a"}, "parameter_name", "is missing."),
        ({**FIELD, "label": 5}, "label", "should be text; put it in quotes."),
        ({**FIELD, "default_value": True}, "default_value", "should be text; put it in quotes."),
        (
            {**FIELD, "parameter_name": "my-topic"},
            "parameter_name",
            "may hold letters, digits and underscores only. Write `my_topic`.",
        ),
        (
            {**FIELD, "parameter_name": "größe"},
            "parameter_name",
            "may hold letters, digits and underscores only. Write `gr_e`.",
        ),
        ({**FIELD, "parameter_name": ""}, "parameter_name", "may hold letters, digits and underscores only."),
        (
            {**FIELD, "parameter_name": "poe_topic"},
            "parameter_name",
            "should not begin with `poe_`: Poe keeps these names to itself.",
        ),
        ({**SWITCH, "default_value": "maybe"}, "default_value", "should be true or false."),
        (drop_down(options=[]), "options", "is empty; there is nothing to choose."),
        (drop_down(options={}), "options", "should be a list."),
        (drop_down(options=[{"name": "a"}]), "options.0.value", "is missing."),
        (drop_down(options=["plain"]), "options.0", "should be a mapping."),
        (drop_down(options=[{"value": 5, "name": "a"}]), "options.0.value", "should be text; put it in quotes."),
        (
            drop_down(default_value="Rich"),
            "default_value",
            "should be the value of one of its options: `plain`, `rich`.",
        ),
        ({**RATIO, "options": []}, "options", "is empty; there is nothing to choose."),
        (
            {**RATIO, "default_value": "4:3"},
            "default_value",
            "should be the value of one of its options: `16:9`, `1.5:1`, `square`.",
        ),
        ({**RATIO, "options": [{"width": 0, "height": 9}]}, "options.0.width", "should be greater than 0, and finite."),
        (
            {**RATIO, "options": [{"width": 1, "height": float("inf")}]},
            "options.0.height",
            "should be greater than 0, and finite.",
        ),
        ({**RATIO, "options": [{"width": "wide", "height": 9}]}, "options.0.width", "should be a number."),
        (slider(step=0), "step", "should be greater than 0."),
        (slider(step=-1), "step", "should be greater than 0."),
        (slider(min_value=10), "min_value", "should be less than `max_value`, which is 10."),
        (slider(min_value=20), "min_value", "should be less than `max_value`, which is 10."),
        (slider(min_value=float("nan")), "min_value", "should be a finite number."),
        (slider(max_value=float("inf")), "max_value", "should be a finite number."),
        (slider(max_value={}), "max_value", "should be a number."),
        (slider(default_value=11), "default_value", "should be between 0 and 10."),
        (slider(default_value=float("nan")), "default_value", "should be between 0 and 10."),
    ],
)
def test_a_mistake_in_a_control_is_told_with_its_place(control, place, says):
    controls = showing({"control": "divider"}, control)

    assert list(wrong_controls(controls)) == [told(f"sections.0.controls.1.{place}".rstrip("."), says)]


@pytest.mark.parametrize(
    ("controls", "place", "hint"),
    [
        ({**showing(FIELD), "section": []}, "section", " Did you mean `sections`?"),
        ({"sections": [{"nam": "a", "controls": [FIELD]}]}, "sections.0.nam", " Did you mean `name`?"),
        ({"sections": [{"contrls": [FIELD]}]}, "sections.0.contrls", " Did you mean `controls`?"),
        (
            {"sections": [{"tabs": [{"nme": "a", "name": "b", "controls": [FIELD]}]}]},
            "sections.0.tabs.0.nme",
            " Did you mean `name`?",
        ),
        (showing({**FIELD, "default": "a"}), "sections.0.controls.0.default", " Did you mean `default_value`?"),
        (showing({**FIELD, "min_value": 1}), "sections.0.controls.0.min_value", ""),
        (showing({"control": "divider", "label": "a"}), "sections.0.controls.0.label", ""),
        (
            showing({"control": "text_field", "lable": "a", "parameter_name": "b"}),
            "sections.0.controls.0.lable",
            " Did you mean `label`?",
        ),
        (
            showing(drop_down(options=[{"valeu": "a", "name": "b"}])),
            "sections.0.controls.0.options.0.valeu",
            " Did you mean `value`?",
        ),
        (
            showing(drop_down(), condition(FIELD, left={"paramter_name": "a", "parameter_name": "style"})),
            "sections.0.controls.1.condition.left.paramter_name",
            " Did you mean `parameter_name`?",
        ),
    ],
)
def test_a_key_that_poe_does_not_know_is_told_once_with_the_nearest(controls, place, hint):
    (finding,) = wrong_controls(controls)

    assert finding == (f"Poe has no setting `parameter_controls.{place}`.{hint}", steps(place))


@pytest.mark.parametrize(
    ("shown", "place", "says"),
    [
        (
            condition(FIELD, comparator="equals"),
            "condition.comparator",
            "should be 'eq', 'ne', 'gt', 'ge', 'lt' or 'le'. Did you mean `eq`?",
        ),
        (
            condition(FIELD, comparator="=="),
            "condition.comparator",
            "should be 'eq', 'ne', 'gt', 'ge', 'lt' or 'le'. Did you mean `eq`?",
        ),
        (
            condition(FIELD, comparator=">="),
            "condition.comparator",
            "should be 'eq', 'ne', 'gt', 'ge', 'lt' or 'le'. Did you mean `ge`?",
        ),
        (condition(FIELD, left="style"), "condition.left", "should be {parameter_name: …} or {literal: …}."),
        (condition(FIELD, left={"value": 1}), "condition.left", "should be {parameter_name: …} or {literal: …}."),
        (
            condition(FIELD, left={"literal": []}),
            "condition.left.literal",
            "should be text, a number, true or false.",
        ),
        (
            condition(FIELD, left={"parameter_name": "stile"}),
            "condition.left.parameter_name",
            "is `stile`, which no control sets. Did you mean `style`?",
        ),
        (
            condition(condition(FIELD)),
            "controls.0.control",
            "cannot be `condition` inside a condition; put it beside the outer one.",
        ),
        (condition(), "controls", "is empty; put at least one into it."),
        ({"control": "condition", "controls": [FIELD]}, "condition", "is missing."),
        ({"control": "condition", "condition": [], "controls": [FIELD]}, "condition", "should be a mapping."),
    ],
)
def test_a_mistake_in_a_condition_is_told_with_its_place(shown, place, says):
    controls = showing(drop_down(), shown)

    assert list(wrong_controls(controls)) == [told(f"sections.0.controls.1.{place}", says)]


def test_one_parameter_may_stand_twice_with_the_same_default():
    controls = showing(slider("size", default_value=3), slider("size", default_value=3, max_value=20))

    assert list(wrong_controls(controls)) == []


def test_one_parameter_may_not_have_two_defaults():
    controls = showing(slider("size", default_value=3), slider("size"))

    (finding,) = wrong_controls(controls)

    says = "is `size` again; give it another name, or both the same `default_value`."
    assert finding == told("sections.0.controls.1.parameter_name", says)


def test_controls_that_stand_before_count_for_names_and_conditions():
    before = showing(drop_down("style", default_value="rich"))

    found = list(wrong_controls(showing(condition(FIELD), drop_down("style")), before=before))

    says = "is `style` again; give it another name, or both the same `default_value`."
    assert found == [told("sections.0.controls.1.parameter_name", says)]


def test_several_mistakes_are_told_at_once():
    controls = {"api_version": "3", "sections": [{"controls": [slider(step=0), drop_down(default_value="odd")]}, 7]}

    places = {place for _, place in wrong_controls(controls)}

    assert places == {
        ("api_version",),
        ("sections", 0, "controls", 0, "step"),
        ("sections", 0, "controls", 1, "default_value"),
        ("sections", 1),
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-20, 20) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)
KEYS = sorted({key for kind in vars(types).values() for key in getattr(kind, "model_fields", {})} - {"query"})


def _places(value, place=()):
    yield place
    for step, inner in (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    ):
        yield from _places(inner, (*place, step))


@given(st.data(), st.sampled_from(list(_places(EVERYTHING))[1:]), JSON)
def test_whatever_is_changed_is_found_or_understood_by_poes_own_type(data, place, value):
    controls = copy.deepcopy(EVERYTHING)
    around = controls
    for step in place[:-1]:
        around = around[step]
    if isinstance(around, dict) and data.draw(st.booleans()):
        around[data.draw(st.sampled_from(KEYS))] = value
    elif data.draw(st.booleans()):
        del around[place[-1]]
    else:
        around[place[-1]] = value

    found = list(wrong_controls(controls))

    assert len({place for _, place in found}) == len(found)
    assert found or types.ParameterControls.model_validate(controls)


@given(st.dictionaries(st.sampled_from(["sections", "api_version", "x"]), JSON))
def test_anything_at_all_can_be_checked(controls):
    found = list(wrong_controls(controls))

    assert found or fp.SettingsResponse.model_validate({"parameter_controls": controls})


def told(place, says):
    return f"Poe's setting `parameter_controls.{place}` {says}", steps(place)


def steps(place):
    return tuple(int(step) if step.isdigit() else step for step in place.split("."))
