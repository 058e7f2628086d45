"""What the documentation says is so: every name, command, path and snippet in it, and nothing is left out."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import fastapi_poe as fp
import httpx
import pytest
import yaml
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from tests.apps import app_of
from utils.bot_factory import BotFactory
from utils.keys import looks_secret
from utils.keys.store import VARIABLES
from utils.poe.attachments import Limits
from utils.providers.kinds import KINDS
from utils.registry import BotConfig, BotConfigRegistry, ModelConfig, ProviderConfig, ProviderRegistry
from utils.registry.bot_config import Charge, Control
from utils.registry.help import texts_under_fields
from utils.registry.provider_config import Price
from utils.registry.routing_config import CacheConfig, HealthCheck, SplitConfig, TargetConfig
from utils.routing.strategies import STRATEGIES
from utils.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
REFERENCE = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
ON_ROUTING = (ROOT / "docs" / "routing.md").read_text(encoding="utf-8")
ON_POE = (ROOT / "docs" / "poe.md").read_text(encoding="utf-8")
IN_PYTHON = (ROOT / "docs" / "writing-bots.md").read_text(encoding="utf-8")
DOCUMENTS = {
    "README.md": README,
    "docs/configuration.md": REFERENCE,
    "docs/poe.md": ON_POE,
    "docs/writing-bots.md": IN_PYTHON,
    **{
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(
            [
                *(ROOT / "docs" / "providers").glob("*.md"),
                *(ROOT / "docs" / f"{name}.md" for name in ("api", "console", "keys", "ledger", "operating")),
                *(ROOT / "docs" / f"{name}.md" for name in ("routing", "usage")),
            ]
        )
    },
}
EVERYTHING = "\n\n".join(DOCUMENTS.values())
OF_AUTHORS = ("docs/writing-bots.md", "docs/providers/adding-a-provider.md")
WITH_SNIPPETS = {name: text for name, text in DOCUMENTS.items() if name not in OF_AUTHORS}
"""The documents whose YAML can be used as it stands: that for authors needs their own classes beside it."""
ENV_EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
DECISIONS = sorted(path.name for path in (ROOT / "docs" / "decisions").glob("*.md"))
SHIPPED = (ROOT / "config" / "providers.yaml").read_text(encoding="utf-8")

FIRST_LINES = """python -m venv .venv && . .venv/bin/activate
pip install -r requirements.txt -r requirements-console.txt && python run_local.py"""


def blocks(text: str, language: str = r"\w*") -> list[str]:
    """What stands between the fences of this language."""
    return re.findall(rf"^```(?:{language})\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def code_in(text: str) -> str:
    """Only what is written as code."""
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE))
    return "\n".join([*blocks(text), *spans])


# --- Environment variables ---


def settings_variables() -> set[str]:
    return {name.upper() for name in Settings.model_fields if name != "problems"}


def variables_of(providers: str) -> set[str]:
    """The variables that a file with providers refers to: keys, and what stands as `${NAME}` inside a value."""
    entries = (yaml.safe_load(providers) or {}).get("providers") or []
    keys = [entry.get("api_key_env") or [] for entry in entries]
    named = {name for key in keys for name in ([key] if isinstance(key, str) else key)}
    return named | set(re.findall(r"\$\{([A-Z_0-9]+)", re.sub(r"#.*", "", providers)))


SECRETS = {"POE_ACCESS_KEY", "ADMIN_KEY", "API_KEYS", "METRICS_KEY", *VARIABLES}
OF_THE_CONSOLE = {"CONSOLE_SERVER", "CONSOLE_CLIENT_KEY"}
NEEDED = settings_variables() | variables_of(SHIPPED) | SECRETS | OF_THE_CONSOLE
EXAMPLES = re.findall(r"^#?([A-Z][A-Z0-9_]*)=(.*)$", ENV_EXAMPLE, re.MULTILINE)


def is_known(variable: str) -> bool:
    own = {name for block in blocks(README, "yaml") for name in variables_of(block)}
    return variable in NEEDED | own or variable.startswith("POE_ACCESS_KEY_")


@pytest.mark.parametrize("variable", sorted(NEEDED))
def test_every_variable_that_the_code_reads_is_explained(variable):
    assert f"`{variable}`" in README
    assert variable in dict(EXAMPLES)


def test_every_variable_that_is_explained_is_read_by_the_code():
    in_readme = re.findall(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b", README)

    unknown = {name for name in [*in_readme, *dict(EXAMPLES)] if not is_known(name)}

    assert not unknown


def test_the_example_of_an_env_file_sets_nothing_and_holds_no_key():
    lines = ENV_EXAMPLE.splitlines()

    assert [line for line in lines if line and not line.startswith("#")] == []
    keys = [(name, value) for name, value in EXAMPLES if looks_secret(name) and name not in settings_variables()]
    assert keys
    assert [name for name, value in keys if value] == []


def test_every_variable_in_the_example_of_an_env_file_is_explained_above_it():
    lines = ["", *ENV_EXAMPLE.splitlines()]

    bare = [line for above, line in pairwise(lines) if _is_example(line) and above[:2] != "# "]

    assert bare == []


def _is_example(line: str) -> bool:
    return re.match(r"#?[A-Z][A-Z0-9_]*=", line) is not None


@pytest.mark.parametrize(("name", "value"), [pair for pair in EXAMPLES if pair[0] in settings_variables()])
def test_the_example_of_an_env_file_shows_the_default(name, value):
    shown = Settings.read({name: value}).model_dump()[name.lower()]

    default = Settings().model_dump()[name.lower()]
    assert (ROOT / shown if isinstance(shown, Path) else shown) == default


# --- YAML ---


def snippets_of(key: str) -> Iterator[Any]:
    """Every snippet with these entries, and the document in which it stands."""
    for name, text in WITH_SNIPPETS.items():
        for number, block in enumerate(blocks(text, "yaml"), start=1):
            if block.startswith(f"{key}:"):
                yield pytest.param(block, text, id=f"{name}-{number}")


def loaded_providers(folder: Path, text: str) -> ProviderRegistry:
    (folder / "providers.yaml").write_text(text, encoding="utf-8")
    return ProviderRegistry.load(folder / "providers.yaml", dict.fromkeys(re.findall(r"\$\{(\w+)\}", text), "mine"))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_yaml_snippet_is_one_of_providers_or_of_bots(name):
    snippets = blocks(DOCUMENTS[name], "yaml")

    assert [text for text in snippets if not text.startswith(("providers:", "bots:"))] == []


@pytest.mark.parametrize(("snippet", "document"), [*snippets_of("providers")])
def test_the_snippets_of_providers_load(snippet, document, tmp_path):
    registry = loaded_providers(tmp_path, snippet)

    assert registry
    assert registry.problems == ()


@pytest.mark.parametrize(("snippet", "document"), [*snippets_of("bots")])
def test_the_snippets_of_bots_can_be_served(snippet, document, tmp_path):
    texts = [SHIPPED, *(block for block in blocks(document, "yaml") if block.startswith("providers:"))]
    files = [loaded_providers(tmp_path, text) for text in texts]
    providers = ProviderRegistry(provider for file in files for provider in file.values())
    (tmp_path / "bots.yaml").write_text(snippet, encoding="utf-8")

    factory = BotFactory(Settings(), providers, BotConfigRegistry.load(tmp_path / "bots.yaml", {}, providers))
    factory.add_configured_bots()

    assert factory.problems == []
    assert factory.mounted


def documented_settings() -> set[str]:
    """The names in the first column of the table of Poe's settings."""
    section = ON_POE.partition("## Settings")[2].partition("\n## ")[0]
    first_cells = re.findall(r"^\|([^|]*)\|", section, re.MULTILINE)
    return {name for cell in first_cells for name in re.findall(r"`(\w+)`", cell)}


def test_every_setting_of_poe_is_explained():
    outdated_or_ours = {
        "response_version",
        "parameter_controls",
        "custom_rate_card",
        "enable_multi_bot_chat_prompting",
        "context_clear_window_secs",
        "allow_user_context_clear",
    }

    assert documented_settings() == set(fp.SettingsResponse.model_fields) - outdated_or_ours


def test_every_ready_made_control_is_explained():
    section = ON_POE.partition("## Controls")[2].partition("\n### ")[0]

    assert tuple(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == get_args(Control)


def test_the_limits_of_attachments_are_those_of_the_code():
    limits = Limits()

    for said in (
        f"| pictures in one question | {limits.images}, the newest |",
        f"| a picture | {limits.megabytes_per_image:g} MB, {limits.seconds_per_image:g} seconds |",
        f"| all pictures of a question, in the request | {limits.bytes_of_images // 1_000_000} MB |",
        f"| the text of a file | {limits.characters_per_file:,} characters |",
        f"| the text of all files | {limits.characters:,} characters |",
    ):
        assert said in ON_POE.splitlines()


def rows(model: type[BaseModel]) -> Iterator[Any]:
    """The line of docs/configuration.md for every field of the model, from the model's own words."""
    said = texts_under_fields(model)
    for name, field in model.model_fields.items():
        if name != "problems":
            shown = _default(field.default)
            yield pytest.param(f"| `{name}` | {shown} | {said[name]} |", id=f"{model.__name__}-{name}")


def _default(value: Any) -> str:
    if value is PydanticUndefined:
        return "required"
    if value is None or value in ((), {}, ""):
        return ""
    if isinstance(value, Path):
        value = value.relative_to(ROOT).as_posix()
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


@pytest.mark.parametrize(
    "row", [row for model in (ProviderConfig, ModelConfig, Price, BotConfig, Charge, Settings) for row in rows(model)]
)
def test_the_reference_has_every_field_in_the_words_of_the_code(row):
    assert row in REFERENCE.splitlines(), f"docs/configuration.md should have this line:\n{row}"


@pytest.mark.parametrize(
    "row", [row for model in (TargetConfig, SplitConfig, CacheConfig, HealthCheck) for row in rows(model)]
)
def test_the_page_on_routing_has_every_field_in_the_words_of_the_code(row):
    assert row in ON_ROUTING.splitlines(), f"docs/routing.md should have this line:\n{row}"


def test_the_page_on_routing_has_every_strategy():
    section = ON_ROUTING.partition("| strategy |")[2].partition("\n\n")[0]

    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == [*STRATEGIES]


def test_the_reference_has_no_field_that_the_code_does_not_know():
    known = {
        name
        for model in (ProviderConfig, ModelConfig, Price, BotConfig, Charge, Settings)
        for name in model.model_fields
    }

    in_reference = set(re.findall(r"^\| `([a-z_]+)` \| .* \| .* \|$", REFERENCE, re.MULTILINE))

    assert in_reference <= known


def test_the_reference_names_the_kinds_that_are_served():
    line = next(line for line in REFERENCE.splitlines() if line.startswith("Kinds that this version serves: "))

    assert set(re.findall(r"`(\w+)`", line.partition(". ")[0])) == set(KINDS)


# --- Commands ---


def commands(text: str) -> set[tuple[str, ...]]:
    """Every `python …` in the code of a document: the program with its command, and then the options it is given."""
    found = set()
    for line in re.split(r"\n| && ", code_in(text)):
        if match := re.match(r"python ((?:-m )?[\w./]+(?: keys)?(?: [a-z]+(?:-[a-z]+)*\b)?)(.*)", line):
            found.add((match[1], *sorted(options_in(match[2]))))
    return found


def options_in(text: str) -> set[str]:
    return set(re.findall(r"(?<![\w>-])--?[a-z][a-z-]*", text))


@pytest.fixture(scope="module")
def help_of() -> dict[str, str]:
    """What each program says to --help, by the words after `python`. All are asked at once."""
    programs = {words[0] for words in commands(EVERYTHING)} - {"-m venv"}
    wide = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"}
    asked = {
        program: subprocess.Popen(
            [sys.executable, *program.split(), "--help"], cwd=ROOT, env=wide, stdout=subprocess.PIPE, text=True
        )
        for program in programs
    }
    said = {program: process.communicate(timeout=30)[0] for program, process in asked.items()}
    return {program: said[program] for program, process in asked.items() if process.returncode == 0}


def test_every_python_command_exists_and_knows_its_options(help_of):
    for program, *options in commands(EVERYTHING) - {("-m venv",)}:
        assert program in help_of, f"`python {program}` does not work"
        assert set(options) <= options_in(help_of[program]), f"`python {program}` does not know all of {options}"


def test_every_option_that_is_named_alone_exists(help_of):
    known = {option for text in help_of.values() for option in options_in(text)} | {"--force"}  # that one is Modal's

    named = re.findall(r"`(--[a-z-]+)`", EVERYTHING)

    assert named
    assert set(named) <= known


def test_every_option_of_the_local_server_is_explained(help_of):
    options = {option for option in options_in(help_of["run_local.py"]) if option.startswith("--")} - {"--help"}

    assert {option for option in options if f"`{option}`" not in README} == set()


def test_every_command_of_the_owner_is_explained():
    from utils.cli.commands import commands as owner

    groups = [(group.name, group.typer_instance) for group in owner.registered_groups]
    names = [
        f"{group} {command.name or getattr(command.callback, '__name__', '')}".strip()
        for group, commands in [("", owner), *groups]
        if commands
        for command in commands.registered_commands
    ]

    assert names
    assert [name for name in names if not re.search(rf"`(python config_manager.py )?{name}\b", README)] == []


def test_every_make_command_exists():
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))

    named = set(re.findall(r"(?:^|&& |`)make ([a-z-]+)", code_in(EVERYTHING), re.MULTILINE))

    assert named
    assert named <= targets


def test_the_first_command_of_the_readme_is_all_that_a_newcomer_needs():
    assert blocks(README)[0].strip() == FIRST_LINES
    assert "pip install -r requirements-dev.txt && pytest" in code_in(README)


def test_the_files_that_the_commands_name_exist():
    files = re.findall(r"-r ([\w.-]+\.txt)|\b(app\.py)\b", code_in(README))

    assert [name for pair in files for name in pair if name and not (ROOT / name).is_file()] == []


# --- Code and paths ---


async def test_the_bot_in_python_of_the_readme_answers(tmp_path, monkeypatch):
    (package := tmp_path / "bots_of_the_readme").mkdir()
    (package / "__init__.py").touch()
    (package / "shout.py").write_text(blocks(README, "python")[0], encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    app = app_of(tmp_path, "bots: []", code_bots=package.name)
    question = {"type": "query", "query": [{"role": "user", "content": "hello"}]}

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://server") as client:
        answer = await client.post("/Shout", json=question)

    assert "HELLO" in answer.text


def paths_in_map() -> list[str]:
    """The paths of the README's map, whose indent says what lies in what."""
    house = next(block for block in blocks(README) if block.startswith("app.py"))
    paths: list[str] = []
    above: list[str] = []
    for line in filter(str.strip, house.splitlines()):
        depth = (len(line) - len(line.lstrip())) // 2
        above[depth:] = [line.split()[0]]
        paths.append("".join(above))
    return paths


@pytest.mark.parametrize("path", paths_in_map())
def test_every_path_of_the_map_exists(path):
    found = ROOT / path

    assert found.is_dir() if path.endswith("/") else found.is_file()


def test_the_map_shows_all_of_utils():
    parts = {
        f"utils/{part.name}{'/' if part.is_dir() else ''}"
        for part in (ROOT / "utils").iterdir()
        if not part.name.startswith(("_", ".")) and (part.suffix == ".py" or (part / "__init__.py").is_file())
    }

    assert parts <= set(paths_in_map())


def test_every_path_that_is_named_elsewhere_exists():
    shown = set(re.findall(r"^`(bots/\w+\.py)`:$", IN_PYTHON, re.MULTILINE))

    named = set(re.findall(r"(?<!admin/)(?<!config/)\b(?:bots|config|docs|utils)/[\w./-]*\w", EVERYTHING))

    assert {path for path in named - shown if not (ROOT / path).exists()} == set()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_between_the_documents_leads_somewhere(name):
    document = ROOT / name

    links = [link.partition("#") for link in re.findall(r"\]\(([^)\s]+)[^)]*\)", DOCUMENTS[name]) if "://" not in link]

    for path, _, place in links:
        target = document.parent / path if path else document
        assert target.exists()
        assert not place or place in places_in(target.read_text(encoding="utf-8"))


def places_in(text: str) -> set[str]:
    """What a link may name behind `#`: each heading in small letters, with `-` for the blanks."""
    headings = re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


# --- Decisions ---


def test_the_decisions_are_numbered_without_gaps():
    assert [name[:5] for name in DECISIONS] == [f"{number:04}-" for number in range(1, len(DECISIONS) + 1)]


@pytest.mark.parametrize("name", DECISIONS)
def test_every_decision_says_context_decision_and_price(name):
    text = (ROOT / "docs" / "decisions" / name).read_text(encoding="utf-8")

    assert text.startswith(f"# {int(name[:4])}. ")
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == ["Context", "Decision", "Price"]
