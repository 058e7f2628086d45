"""`config_manager.py set`: one field of one entry gets a value, or has none any more."""

from utils.errors import EditRefused
from utils.registry.editing import Change, Section, SetField, UnsetField, field_path, value_of

from .changing import USAGE, Files, carry_out, refuse
from .finding import section_of


def set_field(
    name: str,
    field: str,
    value: str | None,
    section: Section | None,
    files: Files,
    *,
    unset: bool = False,
    dry_run: bool = False,
    as_json: bool = False,
) -> int:
    """The field has the value; with `unset` it is not there any more."""
    if (value is None) != unset:
        return refuse(EditRefused("say either a value or --unset."), as_json=as_json, code=USAGE)
    try:
        found = section_of(name, section, files)
        path = field_path(field)
        change: Change = (
            SetField(found, name, path, value_of(value, found, path))
            if value is not None
            else UnsetField(found, name, path)
        )
    except EditRefused as exc:
        return refuse(exc, as_json=as_json)
    done = f"`{field}` of `{name}` is {'unset' if unset else 'set'} in {files.of_section(found)}."
    return carry_out([change], files, said=done, dry_run=dry_run, as_json=as_json)
