"""Edits of the owner's two files that leave every byte around the changed value as it was.

Nothing is printed and nobody is asked here: the command line and the doors of the operator do that.
"""

from .change import Add, Change, Remove, Section, SetField, UnsetField
from .edit import Edit, names_in, refuse_unreadable
from .field_paths import field_path, value_of
from .findings import Examine

__all__ = [
    "Add",
    "Change",
    "Edit",
    "Examine",
    "Remove",
    "Section",
    "SetField",
    "UnsetField",
    "field_path",
    "names_in",
    "refuse_unreadable",
    "value_of",
]
