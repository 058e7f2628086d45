"""Packages installed as pip would: a module, and a `dist-info` beside it with its entry points."""

import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

Install = Callable[..., str]


@contextmanager
def installing(site: Path) -> Iterator[Install]:
    """Gives a function that installs a package; `{module}` in an entry point is the name of its module."""
    before = set(sys.modules)
    made: set[str] = set()

    def installed(code: str, *, package: str = "acme", module: str | None = None, **kinds: str) -> str:
        module = module or f"{package}_of_{abs(hash(site))}"
        made.add(module)
        info = site / f"{module}-1.0.dist-info"
        info.mkdir(parents=True)
        (site / f"{module}.py").write_text(textwrap.dedent(code), encoding="utf-8")
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n", encoding="utf-8")
        lines = [f"{kind} = {value.format(module=module)}" for kind, value in kinds.items()]
        (info / "entry_points.txt").write_text("\n".join(["[poe_bots.providers]", *lines, ""]), encoding="utf-8")
        return module

    yield installed
    for module in made - before:
        sys.modules.pop(module, None)
