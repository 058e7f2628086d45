"""What run_local.py says when the server is up: every bot, whether it is ready, and how to talk to one right now."""

import json
import shlex

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from utils.web import BotCard, Overview

_WIDE = 1000


def print_greeting(overview: Overview, address: str, console: Console | None = None) -> None:
    """Print the table of bots, what is wrong with the configuration, and two lines to try."""
    console = console or Console(highlight=False)
    tables = (_table(overview), _narrow_table(overview))
    fitting = next((table for table in tables if _width(table, console) <= console.width), None)
    if fitting is not None:
        console.print(fitting)
    else:
        _print_lines(overview, console)
    for problem in overview.problems:
        console.print(f"[yellow]![/] {escape(problem)}", soft_wrap=True)
    bot = next((card for card in overview.bots if card.why_not_ready is None), None)
    if bot is not None:
        console.print("\nTalk to it now, in another terminal:", style="bold")
        console.print(f"  python config_manager.py chat {escape(shlex.quote(bot.name))}", soft_wrap=True)
        console.print(f"  {escape(_curl(bot, address))}", soft_wrap=True)
    console.print(f"\nServing on [bold]{address}[/] (open it in a browser; Ctrl-C stops)\n", soft_wrap=True)


def _table(overview: Overview) -> Table:
    table = _empty_table(overview, "bot", "path", "provider", "model", "state")
    for card in overview.bots:
        source = (escape(card.provider or "its own code"), escape(card.model or ""))
        table.add_row(escape(card.name), escape(card.path), *source, _state(card))
    return table


def _narrow_table(overview: Overview) -> Table:
    """The same on two lines for each bot."""
    table = _empty_table(overview, "bot and path", "provider, model and state")
    for card in overview.bots:
        table.add_row(f"{escape(card.name)}\n{escape(card.path)}", f"{escape(_source(card))}\n{_state(card)}")
    return table


def _empty_table(overview: Overview, *headings: str) -> Table:
    table = Table(title=f"Bots ({len(overview.bots)})", title_justify="left", title_style="bold")
    for heading in headings:
        table.add_column(heading, no_wrap=True)
    return table


def _width(table: Table, console: Console) -> int:
    """How many columns it takes to show everything."""
    return console.measure(table, options=console.options.update(width=_WIDE)).maximum


def _source(card: BotCard) -> str:
    return " · ".join(part for part in (card.provider or "its own code", card.model) if part)


def _print_lines(overview: Overview, console: Console) -> None:
    """The same where no table fits: nothing is cut off."""
    console.print(f"Bots ({len(overview.bots)})", style="bold")
    for card in overview.bots:
        console.print(f"[bold]{escape(card.name)}[/]  {escape(card.path)}  {escape(_source(card))}", soft_wrap=True)
        console.print(f"    {_state(card)}", soft_wrap=True)


def _state(card: BotCard) -> str:
    return f"[yellow]{escape(card.why_not_ready)}[/]" if card.why_not_ready else "[green]ready[/]"


def _curl(bot: BotCard, address: str) -> str:
    question = {"type": "query", "query": [{"role": "user", "content": "Hello!"}]}
    return f"curl -N {shlex.quote(address + bot.path)} -d {shlex.quote(json.dumps(question))}"
