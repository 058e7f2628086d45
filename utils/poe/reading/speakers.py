"""Who is speaking. Names are shown only where there are several of a kind to tell apart."""

from collections.abc import Mapping, Sequence

import fastapi_poe as fp

_LONGEST_NAME = 64


def names_shown(
    query: Sequence[fp.ProtocolMessage], users: Sequence[fp.User] = (), bot_name: str = ""
) -> list[str | None]:
    """For each message, the name to put before it. A bot's turn with a name is another bot's; without, it is ours."""
    if not any(message.sender or message.sender_id for message in query):
        return [None] * len(query)
    people, others = _people(query, users), _other_bots(query, bot_name)
    names = {"user": lambda message: people.get(_identity(message)), "bot": lambda message: others.get(_name(message))}
    return [names[message.role](message) if message.role in names else None for message in query]


def _people(query: Sequence[fp.ProtocolMessage], users: Sequence[fp.User]) -> Mapping[str, str]:
    """The people who spoke, each under the latest name; nobody when it is just one."""
    listed = {user.id: _one_line(user.name) for user in users}
    people: dict[str, str] = {}
    for message in query:
        if message.role == "user" and (person := _identity(message)):
            people[person] = _name(message) or people.get(person) or listed.get(person, "")
    if len(people) < 2:
        return {}
    return {person: name or f"User {number}" for number, (person, name) in enumerate(people.items(), start=1)}


def _other_bots(query: Sequence[fp.ProtocolMessage], bot_name: str) -> Mapping[str, str]:
    """The other bots that spoke.

    Where all answers came from one bot it is ours: many a bot has another name on Poe than in its configuration.
    """
    bots = {name for message in query if message.role == "bot" and (name := _name(message))}
    if not bot_name or len(bots) < 2:
        return {}
    return {name: name for name in bots if name.casefold() != _one_line(bot_name).casefold()}


def _identity(message: fp.ProtocolMessage) -> str:
    return (message.sender and message.sender.id) or message.sender_id or _name(message)


def _name(message: fp.ProtocolMessage) -> str:
    return _one_line(message.sender.name) if message.sender else ""


def _one_line(name: str | None) -> str:
    printable = "".join(character if character.isprintable() else " " for character in name or "")
    return " ".join(printable.split())[:_LONGEST_NAME].strip()
