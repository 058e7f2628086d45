"""Which of the two files an entry stands in that a person has named."""

from utils.errors import EditRefused
from utils.problems import did_you_mean
from utils.registry.editing import Section, refuse_unreadable

from .changing import Files

_SECTIONS: tuple[Section, ...] = ("providers", "bots")


def section_of(name: str, wanted: Section | None, files: Files) -> Section:
    """The list with the entry. Raises `EditRefused` when none has it, or both, or when a file cannot be read."""
    sections = (wanted,) if wanted else _SECTIONS
    for section in sections:
        refuse_unreadable(files.of_section(section), section)
    found = [section for section in sections if name in files.names(section)]
    if len(found) == 1:
        return found[0]
    if found:
        raise EditRefused(f"there is a provider and a bot `{name}`: say which with --type.", reason="missing")
    known = [known for section in sections for known in files.names(section)]
    kinds = {"providers": "provider", "bots": "bot", None: "provider and no bot"}
    raise EditRefused(f"there is no {kinds[wanted]} `{name}`.{did_you_mean(name, known)}", reason="missing")
