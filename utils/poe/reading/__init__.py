"""Reading a query: Poe's view of a conversation becomes the model's. Nothing in here waits for anything.

conversation    every turn as messages
speakers        who is named, where several people or bots talk
tool_turns      calls of tools and their results, out of the JSON in which Poe has them
tool_order      every result behind its call
system_message  the bot's own instructions
fitting         what is left of a conversation that is too long
wishes          what the one who asks would like
poe_query       the query, with the tools as they were sent
"""

from .conversation import last_words, messages_of
from .fitting import fitted
from .poe_query import PoeQuery, tool_calls_of, tool_results_of, tools_of
from .system_message import system_message
from .wishes import Wishes, wishes_of

__all__ = [
    "PoeQuery",
    "Wishes",
    "fitted",
    "last_words",
    "messages_of",
    "system_message",
    "tool_calls_of",
    "tool_results_of",
    "tools_of",
    "wishes_of",
]
