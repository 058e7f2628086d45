"""Fifty edits in a row of files in every style: all that they do not touch stays, and the entries are as wanted."""

import itertools
import random
import re
import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.registry.editing.files import PROVIDERS
from utils.errors import EditRefused
from utils.registry import BotConfigRegistry, ProviderRegistry
from utils.registry.editing import Add, Edit, Remove, SetField, UnsetField
from utils.settings import ROOT

COMMENTS = [
    "# a comment",
    "#\ttabs\there",
    "# größer 🙂",
    "# temperature: 0.5",
    "#- name: Old",
    "#",
    "# 'open",
    "# ---",
]
MARKED = re.compile(r"#[^\n]*<\d+>")
"""Every comment that the files begin with has a number of its own."""
TEXTS = st.one_of(
    st.sampled_from(
        ["plain", "two words", "a: b", "yes", "1.0", "# no comment", "'", '"', "- dash", "{brace", "é 🙂", "a, b", "@x"]
    ),
    st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="$§"), max_size=12),
    st.lists(st.sampled_from(["line", "  indented", "", "trailing ", "\ttab", "# x", "a: b"]), max_size=4).map(
        "\n".join
    ),
)
VALUES = {
    "system_message": TEXTS,
    "bot_description": TEXTS,
    "temperature": st.sampled_from([0, 0.5, 1, 1e-05, 2.0]),
    "max_tokens": st.integers(1, 10**6),
    "fallbacks": st.lists(st.sampled_from(["groq", "groq:fast", "openai:gpt-6-sol"]), max_size=4),
    "poe": st.dictionaries(st.sampled_from(["introduction_message", "server_bot_dependencies"]), TEXTS, max_size=2),
    "settings": st.recursive(
        TEXTS | st.integers() | st.none() | st.booleans(),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b b", "1"]), inner, max_size=3)
        ),
        max_leaves=5,
    ).map(lambda value: {"inside": value}),
}
NESTED = {
    ("poe", "introduction_message"): TEXTS,
    ("settings", "inside", "deep"): TEXTS,
    ("fallbacks", 0): st.just("groq"),
}
FIELDS = st.fixed_dictionaries({}, optional=VALUES)


@st.composite
def files(draw: st.DrawFn) -> str:
    """A file of bots whose comments and blank lines stand in odd places."""
    newline = draw(st.sampled_from(["\n", "\n", "\r\n"]))
    dash = draw(st.sampled_from(["- ", "  - ", "    -   "]))
    lines = [*draw(st.lists(st.sampled_from(COMMENTS), max_size=2)), draw(st.sampled_from(["bots:", "bots:  # all"]))]
    for number in range(draw(st.integers(1, 5))):
        entry = {"bot_name": f"Bot{number}", "provider": "openai", **draw(FIELDS)}
        lines += _odd(draw, dash.index("-"))
        if draw(st.integers(0, 3)) == 0:
            lines.append(dash + yaml.safe_dump(entry, default_flow_style=True, width=10**6, allow_unicode=True).strip())
            continue
        inner: list[str] = []
        for key, value in entry.items():
            text = yaml.safe_dump({key: value}, width=60, allow_unicode=True, default_flow_style=False)
            if isinstance(value, list | dict) and draw(st.booleans()):
                text = f"{key}: {yaml.safe_dump(value, default_flow_style=True, width=10**6, allow_unicode=True)}"
            block = text.strip("\n").split("\n")
            if len(block) == 1 and "'" not in text and '"' not in text:
                block[0] += draw(st.sampled_from(["", "", "  # why §", " # ü §"]))
            inner += block
        lines += [(dash if not at else " " * len(dash)) + line for at, line in enumerate(inner)]
        lines += _odd(draw, len(dash))
    ending = draw(st.sampled_from(["", newline, newline * 3, f"{newline}# the end"]))
    text = newline.join(lines) + ending
    numbers = itertools.count()
    return draw(st.sampled_from(["", "\ufeff"])) + re.sub("§", lambda _: f"<{next(numbers)}>", text)


def _odd(draw: st.DrawFn, indent: int) -> list[str]:
    return [
        line and f"{' ' * indent}{line} §" for line in draw(st.lists(st.sampled_from([*COMMENTS, "", ""]), max_size=3))
    ]


def read(path: Path) -> list[dict[str, Any]]:
    return yaml.safe_load(path.read_text(encoding="utf-8-sig"))["bots"] or []


@settings(
    max_examples=6, deadline=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck)
)
@given(st.data())
def test_any_file_keeps_its_lines_through_fifty_edits(data):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bots.yaml"
        path.write_bytes(data.draw(files()).encode())
        (Path(folder) / "providers.yaml").write_text(PROVIDERS)
        for _ in range(50):
            assert_one_edit(data, Path(folder), path)


def assert_one_edit(data, folder: Path, path: Path) -> None:
    before, old = read(path), path.read_bytes()
    names = [entry["bot_name"] for entry in before]
    change, wanted = drawn_change(data, before, names)

    try:
        Edit(folder / "providers.yaml", path, [change], examine=lambda providers, bots: ()).save()
    except EditRefused as exc:
        assert exc.reason in ("exists", "missing")  # noqa: PT017
        assert path.read_bytes() == old
        return

    assert read(path) == wanted
    assert_untouched(old.decode(), path.read_bytes().decode(), change)


def drawn_change(data, before, names):
    kind = data.draw(st.sampled_from(["add", "remove", "set", "set", "set", "nested", "unset"])) if names else "add"
    name = data.draw(st.sampled_from(names)) if names else ""
    number = names.index(name) if names else 0
    entry = before[number] if names else {}
    if kind == "add":
        new = {
            "bot_name": data.draw(st.sampled_from([f"Bot{n}" for n in range(12)])),
            "provider": "openai",
            **data.draw(FIELDS),
        }
        return Add("bots", new), [*before, new]
    if kind == "remove":
        return Remove("bots", name), [*before[:number], *before[number + 1 :]]
    if kind == "unset":
        field = data.draw(st.sampled_from([key for key in entry if key != "bot_name"] or ["model"]))
        return UnsetField("bots", name, (field,)), replaced(
            before, number, {k: v for k, v in entry.items() if k != field}
        )
    if kind == "nested":
        (first, *rest), values = data.draw(st.sampled_from(list(NESTED.items())))
        value = data.draw(values)
        try:
            return SetField("bots", name, (first, *rest), value), replaced(
                before, number, deep(entry, [first, *rest], value)
            )
        except ValueError:
            pass  # there is a value where a mapping would have to be
    field = data.draw(st.sampled_from(list(VALUES)))
    value = data.draw(VALUES[field])
    return SetField("bots", name, (field,), value), replaced(before, number, {**entry, field: value})


def replaced(before, number, entry):
    return [*before[:number], entry, *before[number + 1 :]]


def deep(place, way, value):
    if not way:
        return value
    if way[0] == 0 and (place is None or isinstance(place, list)):
        return [value, *(place or [])[1:]]
    if not isinstance(place, dict | None):
        raise ValueError("no mapping")
    return {**(place or {}), way[0]: deep((place or {}).get(way[0]), way[1:], value)}


def assert_untouched(old: str, new: str, change) -> None:
    """Only one stretch differs; what is taken out of it is no more than what the change is about."""
    start = shared(old, new)
    end = shared(old[start:][::-1], new[start:][::-1])
    gone, come = old[start : len(old) - end], new[start : len(new) - end]
    lost = [comment for comment in MARKED.findall(old) if comment not in MARKED.findall(new)]
    if isinstance(change, Add):
        assert gone.strip() == "" or "bots: []" in old
        assert change.name in come or change.name in new[start - 20 :]
    if isinstance(change, Add | SetField):
        assert lost == []
    if isinstance(change, UnsetField):
        assert len(lost) <= 1
    if isinstance(change, Remove):
        assert all("\n\n" not in comment_to_entry(old, comment, change.name) for comment in lost)
        assert "bot_name" not in gone.replace("bot_name", "", 1)


def shared(one: str, other: str) -> int:
    """How many characters they begin with in common."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def comment_to_entry(text: str, comment: str, name: str) -> str:
    """What stands between a comment and the name of the entry, line ends made equal."""
    ends = sorted([text.index(comment), text.index(f"bot_name: {name}")])
    between = text[ends[0] : ends[1]].replace("\r\n", "\n")
    return between if text.index(comment) < text.index(f"bot_name: {name}") else ""


@pytest.mark.parametrize("seed", range(3))
def test_the_files_that_ship_are_still_theirs_after_fifty_edits(tmp_path, seed):
    choose = random.Random(seed)
    paths = {name: tmp_path / f"{name}.yaml" for name in ("providers", "bots")}
    for name, path in paths.items():
        path.write_bytes((ROOT / "config" / f"{name}.yaml").read_bytes())
    shipped = {name: path.read_text() for name, path in paths.items()}
    names = [entry["bot_name"] for entry in read(paths["bots"])]
    touched = []
    for number in range(50):
        name = choose.choice(names)
        changes = [SetField("bots", name, ("temperature",), number / 50)]
        if number % 5 == 0:
            changes = [
                Add(
                    "bots", {"bot_name": f"New{number}", "provider": "groq", "poe": {"introduction_message": "Hi: you"}}
                )
            ]
        if number % 5 == 1:
            changes = [Remove("bots", f"New{number - 1}")]
        if number % 5 == 2:
            changes = [SetField("providers", "openai", ("models", 0, "alias"), f"luna{number}")]
        Edit(paths["providers"], paths["bots"], changes).save()
        touched += [change.name for change in changes]

    for name in {name for name in touched if name in names}:
        if any("temperature" in entry for entry in read(paths["bots"]) if entry["bot_name"] == name):
            Edit(paths["providers"], paths["bots"], [UnsetField("bots", name, ("temperature",))]).save()
    Edit(paths["providers"], paths["bots"], [UnsetField("providers", "openai", ("models", 0, "alias"))]).save()

    assert {name: path.read_text() for name, path in paths.items()} == shipped
    providers = ProviderRegistry.load(paths["providers"], {})
    assert [*providers.problems, *BotConfigRegistry.load(paths["bots"], {}, providers).problems] == []
