"""Two files and a change of them."""

from pathlib import Path

from utils.registry.editing import Add, Change, Edit, Remove, SetField, UnsetField, field_path

PROVIDERS = """\
providers:
  - {name: openai, api_base: https://api.openai.com/v1, models: [gpt-6-luna, gpt-6-sol]}
  - {name: groq, api_base: https://api.groq.com/openai/v1, models: [fast]}
"""

BOTS = """\
bots:
  - bot_name: Poet
    provider: openai
"""


def edited(folder: Path, *changes: Change, bots: str = BOTS, providers: str = PROVIDERS) -> dict[str, str]:
    """The texts of both files after the changes."""
    edit = edit_of(folder, *changes, bots=bots, providers=providers)
    edit.save()
    return {section: path.read_bytes().decode() for section, path in edit.paths.items()}


def edit_of(folder: Path, *changes: Change, bots: str = BOTS, providers: str = PROVIDERS) -> Edit:
    """The changes of these files, not yet made."""
    (folder / "bots.yaml").write_bytes(bots.encode())
    (folder / "providers.yaml").write_bytes(providers.encode())
    return Edit(folder / "providers.yaml", folder / "bots.yaml", changes)


def bot(name: str, **fields: object) -> Add:
    """A new bot."""
    return Add("bots", {"bot_name": name, "provider": "openai", **fields})


def setting(name: str, field: str, value: object) -> SetField:
    """A field of a bot with a value."""
    return SetField("bots", name, field_path(field), value)


def unsetting(name: str, field: str) -> UnsetField:
    """A field of a bot that is there no more."""
    return UnsetField("bots", name, field_path(field))


def removing(name: str) -> Remove:
    """A bot less."""
    return Remove("bots", name)
