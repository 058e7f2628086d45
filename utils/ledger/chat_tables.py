"""The tables of conversations. Times are in microseconds, money is in billionths of a dollar."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()

_ID = BigInteger().with_variant(Integer, "sqlite")

conversations = Table(
    "conversations",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("owner", String(64), nullable=False),
    Column("title", String(200), nullable=False),
    Column("asked", String(600), nullable=False),
    Column("system", Text),
    Column("created", BigInteger, nullable=False),
    Column("updated", BigInteger, nullable=False),
    Index("conversations_owner_updated", "owner", "updated"),
    Index("conversations_updated", "updated"),
)

messages = Table(
    "chat_messages",
    metadata,
    Column("number", _ID, primary_key=True, autoincrement=True),
    Column("conversation", String(32), ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("role", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("provider", String(200)),
    Column("model", String(300)),
    Column("input_tokens", BigInteger),
    Column("output_tokens", BigInteger),
    Column("cached_tokens", BigInteger),
    Column("reasoning_tokens", BigInteger),
    Column("cost", BigInteger),
    Column("cost_source", String(16)),
    Column("first_content", BigInteger),
    Column("seconds", BigInteger),
    Column("finish_reason", String(32)),
    Column("reference", String(64)),
    Column("attempts", Text),
    Column("reasoning", Text),
    Column("images", Text),
    Column("pictures", Integer),
    Index("chat_messages_conversation", "conversation", "number"),
)
