"""Turns of a conversation, as Poe sends them."""

import json

import fastapi_poe as fp


def said(role, content, name=None, person=None, **fields):
    sender = fp.Sender(id=person, name=name) if name is not None or person is not None else None
    return fp.ProtocolMessage(role=role, content=content, sender=sender, **fields)


def call(call_id, name="add", arguments="{}"):
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}


def result(call_id, content="5", name="add"):
    return {"role": "tool", "name": name, "tool_call_id": call_id, "content": content}


def called(*calls):
    return said("bot", json.dumps(calls), message_type="function_call")


def returned(*results):
    return said("tool", json.dumps(results))


def asked(*turns, **fields):
    return fp.QueryRequest(
        version="1.2", type="query", query=list(turns), user_id="", conversation_id="", message_id="", **fields
    )
