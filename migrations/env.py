"""Runs migrations on the connection that `utils.ledger.schema` hands over, within its transaction and its lock."""

from alembic import context

given = context.config.attributes
context.configure(connection=given["connection"], version_table=given["version_table"], render_as_batch=True)
context.run_migrations()
