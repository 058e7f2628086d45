"""The pages of `docs/providers` that are made from the code: all known providers, and every field of their entries.

`python -m utils.providers.reference` writes them.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from utils.registry import ModelConfig, ModelProfile, Profile, ProfileName, ProviderConfig
from utils.registry.help import texts_under_fields
from utils.registry.provider_config import Price

from .catalogue import CATALOGUE, KnownProvider
from .profiles import TABLE

DOCUMENTS = Path(__file__).resolve().parents[2] / "docs" / "providers"

_MADE = "<!-- Made by `make docs` from the code: change it there. -->"
_IMAGES = {"url": "by address", "data": "in the request", "none": "not"}
_USAGE = {"request": "when asked", "always": "always", "never": "not asked for"}

_OVERVIEW = """\
# Providers

{made}

These are known by name. `python config_manager.py add-provider groq` writes an entry from this table, and an entry of
`providers.yaml` with one of these names, or with the same host in its `api_base`, is asked as its provider wants it.
Any other OpenAI-compatible API works too: give its `api_base`. Every field of an entry:
[configuration.md](configuration.md).

| name | provider | `api_base` | key | kind | to begin with | key from |
| --- | --- | --- | --- | --- | --- | --- |
{providers}

How each of them is asked, unless `profile_overrides` says otherwise. *Pictures* go to models that see. *Tokens* says
whether they are counted in a stream. *List* is whether `python config_manager.py models NAME --live` can ask for it.

| name | pictures | tokens | longest answer | list | embeddings |
| --- | --- | --- | --- | --- | --- |
{profiles}

## Notes

{notes}
"""

_FIELDS = """\
# An entry of providers.yaml

{made}

{sections}
"""


def pages() -> Mapping[str, str]:
    """The text of each page, by its file name."""
    overview = _OVERVIEW.format(
        made=_MADE,
        providers="\n".join(_provider_row(name, known) for name, known in CATALOGUE.items()),
        profiles="\n".join(_profile_row(name, known) for name, known in CATALOGUE.items()),
        notes="\n".join(f"- **{known.title}**: {known.note}" for known in CATALOGUE.values() if known.note),
    )
    sections = "\n\n".join(_section(title, text, spec) for title, (text, spec) in _SECTIONS.items())
    return {"README.md": overview, "configuration.md": _FIELDS.format(made=_MADE, sections=sections)}


def write(folder: Path = DOCUMENTS) -> None:
    """Write all pages."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")


def _provider_row(name: ProfileName, known: KnownProvider) -> str:
    keys = " or ".join(f"`{variable}`" for variable in known.api_key_env) or "none"
    address = f"`{known.api_base}`" if known.api_base else ""
    model = f"`{known.default_model}`" if known.default_model else "what it serves"
    return _row(f"`{name}`", known.title, address, keys, f"`{known.kind}`", model, f"<{known.key_url}>")


def _profile_row(name: ProfileName, known: KnownProvider) -> str:
    profile = TABLE[name].profile
    longest = f"`{profile.max_tokens_param}`" if profile.max_tokens_param else "as written"
    listed = "yes" if profile.models_list else "no"
    embeds = f"`{known.embedding_model}`" if known.embedding_model else ""
    return _row(f"`{name}`", _IMAGES[profile.images], _USAGE[profile.stream_usage], longest, listed, embeds)


_SECTIONS: Mapping[str, tuple[str, type[BaseModel]]] = {
    "The entry": ("Just `name` and `api_base` are enough for a provider that needs no key.", ProviderConfig),
    "One of its `models`": ("A name alone stands for `{name: …}`.", ModelConfig),
    "The `price` of a model": ("In US dollars for a million tokens.", Price),
    "`profile_overrides`": ("What differs from the provider's profile. Unset fields change nothing.", Profile),
    "One of `profile_overrides.models`": (
        "The same for some of the models; the key is a name in which `*` stands for any letters.",
        ModelProfile,
    ),
}


def _section(title: str, text: str, spec: type[BaseModel]) -> str:
    rows = "\n".join(_field_rows(spec))
    return f"## {title}\n\n{text}\n\n| field | default | what it says |\n| --- | --- | --- |\n{rows}"


def _field_rows(spec: type[BaseModel]) -> Iterator[str]:
    said = texts_under_fields(spec)
    for name, field in spec.model_fields.items():
        yield _row(f"`{name}`", _default(field), " ".join(said.get(name, "").split()))


def _default(field: FieldInfo) -> str:
    default: Any = field.get_default(call_default_factory=True)
    if default is PydanticUndefined:
        return "required"
    if default is None or default in ("", (), {}):
        return "unset"
    if isinstance(default, tuple):
        return ", ".join(f"`{each}`" for each in default)
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    write()
