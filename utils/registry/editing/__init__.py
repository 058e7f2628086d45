"""Edits of the owner's two files that leave every byte around the changed value as it was.

Nothing is printed and nobody is asked here: the command line and the doors of the operator do that.
"""

from .change import NAME_KEYS, Add, Change, Remove, Section, SetField, UnsetField
from .differences import is_same
from .edit import Edit, names_in, refuse_unreadable
from .field_paths import field_path, value_of
from .findings import Examine
from .stored import read_text, version_of, why_unwritable
from .whole_entries import Revise, Write
from .written import Written, as_text, entry_in, says, with_all_of, written_in

__all__ = [
    "NAME_KEYS",
    "Add",
    "Change",
    "Edit",
    "Examine",
    "Remove",
    "Revise",
    "Section",
    "SetField",
    "UnsetField",
    "Write",
    "Written",
    "as_text",
    "entry_in",
    "field_path",
    "is_same",
    "names_in",
    "read_text",
    "refuse_unreadable",
    "says",
    "value_of",
    "version_of",
    "why_unwritable",
    "with_all_of",
    "written_in",
]
