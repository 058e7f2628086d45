"""What `check` would say of the files after a change, held against what it says of them now."""

import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from utils.problems import Problem, short_path
from utils.settings import environment

from ..bot_config_registry import BotConfigRegistry
from ..provider_registry import ProviderRegistry
from .change import Section

Examine = Callable[[Path, Path], Sequence[Problem]]
"""Says what is wrong with a file of providers and one of bots."""


def examine_registries(providers: Path, bots: Path) -> Sequence[Problem]:
    """What the registries find."""
    registry = ProviderRegistry.load(providers, environment())
    return [*registry.problems, *BotConfigRegistry.load(bots, environment(), registry).problems]


def problems_in(texts: Mapping[Section, str | None], paths: Mapping[Section, Path], examine: Examine) -> list[Problem]:
    """What is wrong with these texts, as if they stood in the files already."""
    with tempfile.TemporaryDirectory() as folder:
        names: dict[str, str] = {}
        places: dict[Section, Path] = {}
        for section, path in paths.items():
            # Their own names, as the messages show them.
            place = places[section] = Path(folder) / section / path.name
            place.parent.mkdir()
            names[short_path(place)] = short_path(path)
            if (text := texts[section]) is not None:
                place.write_bytes(text.encode("utf-8"))
        problems = examine(places["providers"], places["bots"])
    own = [names.get(problem.file) or _named_like(problem, paths) for problem in problems]
    return [replace(problem, file=file) for problem, file in zip(problems, own, strict=True)]


def errors_among(problems: Sequence[Problem]) -> list[Problem]:
    """Those that leave their entry out."""
    return [problem for problem in problems if problem.severity == "error"]


def new_errors(before: Sequence[Problem], after: Sequence[Problem]) -> list[Problem]:
    """Those that the change brings. That an error stands on another line now does not make it new."""
    known = Counter((error.file, error.message) for error in before)
    fresh = []
    for error in after:
        if known[error.file, error.message]:
            known[error.file, error.message] -= 1
        else:
            fresh.append(error)
    return fresh


def changed_lines(old: str, new: str) -> range:
    """The lines of the new text that are not those of the old one."""
    before, after = old.split("\n"), new.split("\n")
    first = 0
    while first < min(len(before), len(after)) and before[first] == after[first]:
        first += 1
    same = 0
    while same < min(len(before), len(after)) - first and before[-1 - same] == after[-1 - same]:
        same += 1
    return range(first + 1, len(after) - same + 1)


def _named_like(problem: Problem, paths: Mapping[Section, Path]) -> str:
    # Both files have the same name: the list that is spoken of tells them apart.
    alike = [path for path in paths.values() if path.name == problem.file]
    return short_path(alike[0]) if len(alike) == 1 else problem.file
