"""A file as text and back, in one step: it is the old one or the new one, never half of it."""

import hashlib
import os
import tempfile
from contextlib import suppress
from pathlib import Path

from utils.errors import EditRefused
from utils.problems import short_path

_MARK = "\ufeff"


def read_text(path: Path) -> str | None:
    """The text with its line ends and the mark at its beginning as they are; None where there is no file."""
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as exc:
        raise EditRefused(f"{short_path(path)} is not UTF-8 text; it is changed by hand only.") from exc
    except OSError as exc:
        raise EditRefused(f"{short_path(path)} cannot be read: {_reason(exc)}.", reason="unwritable") from exc


def without_mark(text: str) -> tuple[str, str]:
    """The byte order mark, if there is one, and the rest."""
    return (_MARK, text[1:]) if text.startswith(_MARK) else ("", text)


def version_of(text: str | None) -> str:
    """A word that is another one for every other text."""
    return hashlib.sha256((text or "").encode("utf-8", "surrogatepass")).hexdigest()[:16]


def why_unwritable(path: Path) -> str | None:
    """Why `write_text` would fail, as far as that can be seen before."""
    target = path.resolve()
    if _is_read_only(target):
        return f"{short_path(path)} is read-only."
    return None if os.access(target.parent, os.W_OK) else f"The folder of {short_path(path)} is read-only."


def write_text(path: Path, text: str) -> None:
    """The file holds the text, on the disk; its mode is kept, and a link goes on leading to it."""
    target = path.resolve()
    if _is_read_only(target):
        raise EditRefused(f"{short_path(path)} cannot be written: it is read-only.", reason="unwritable")
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".tmp")
    except OSError as exc:
        raise EditRefused(f"{short_path(path)} cannot be written: {_reason(exc)}.", reason="unwritable") from exc
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        _take_over_rights(target, Path(name))
        os.replace(name, target)
    except OSError as exc:
        raise EditRefused(f"{short_path(path)} cannot be written: {_reason(exc)}.", reason="unwritable") from exc
    finally:
        Path(name).unlink(missing_ok=True)
    _sync_folder(target.parent)


def _is_read_only(target: Path) -> bool:
    # To put a file in its place asks for a right to the folder only, and would pass over what its owner has said.
    try:
        return not target.stat().st_mode & 0o222
    except FileNotFoundError:
        return False


def _take_over_rights(old: Path, new: Path) -> None:
    try:
        before = old.stat()
    except FileNotFoundError:
        new.chmod(0o644)
        return
    new.chmod(before.st_mode & 0o7777)
    if hasattr(os, "chown"):
        with suppress(PermissionError):
            os.chown(new, before.st_uid, before.st_gid)


def _sync_folder(folder: Path) -> None:
    with suppress(OSError):  # Windows opens no folders
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _reason(exc: OSError) -> str:
    return (exc.strerror or type(exc).__name__).lower()
