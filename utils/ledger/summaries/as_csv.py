"""A summary as a table for a spreadsheet."""

import csv
import io
from collections.abc import Mapping
from typing import Any

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def as_csv(summary: Mapping[str, Any]) -> str:
    """One line for each group, under the names that the summary has; the total is left to the spreadsheet."""
    columns = list({name: None for line in summary["groups"] or [_EMPTY] for name in line})
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([cell(line.get(name)) for name in columns] for line in summary["groups"])
    return text.getvalue()


_EMPTY = {"requests": 0}


def cell(value: Any) -> Any:
    """A value as a cell of such a table."""
    if isinstance(value, Mapping):
        return " ".join(f"{name}={count}" for name, count in value.items())
    if isinstance(value, list):
        return " to ".join(map(str, value))
    # A spreadsheet would carry out a name such as =HYPERLINK(…): https://owasp.org/www-community/attacks/CSV_Injection
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
