"""`config_manager.py ledger …`: the commands for the database of the server."""

from typing import Annotated

import typer

ledger = typer.Typer(
    help="See where usage is kept, and bring its database to another version. A server does so by itself.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)


@ledger.command()
def status() -> None:
    """Say where usage is kept, and whether its database is as this version needs it. Exits with 1 when it is not."""
    from .ledger_schema import tell_status

    raise typer.Exit(tell_status())


@ledger.command()
def upgrade() -> None:
    """Bring the database to this version. A server does so by itself when it opens it."""
    from .ledger_schema import bring_up

    raise typer.Exit(bring_up())


@ledger.command()
def downgrade(
    revision: Annotated[str, typer.Argument(help="The revision to go back to, such as 0001; 0000 is before all.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Bring the database back to an older revision, for an older server. What is newer is lost."""
    from .ledger_schema import bring_down

    raise typer.Exit(bring_down(revision, sure=yes))
