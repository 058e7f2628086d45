"""The usual fields of a provider; a new one may be one that is known by name."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import streamlit as st

from ..entries.draft import Draft
from ..entries.fields import Fields
from ..server import NotThere, Server
from ..text import with_names

_ANOTHER = ""


@dataclass(frozen=True)
class Known:
    """A provider that is known by name."""

    name: str
    title: str
    key_names: tuple[str, ...]
    key_url: str
    note: str
    entry: dict[str, Any]


def form(fields: Fields, *, server: Server) -> None:
    """Name, address, the variable of its key, models."""
    draft = fields.draft
    if draft.name is None:
        _which_one(server, draft)
    models = [_name_of(model) for model in draft.data.get("models") or []]
    left, right = st.columns(2)
    with left:
        fields.text("name", "Name", placeholder="such as studio")
    with right:
        fields.text("api_base", "Address", placeholder="https://…/v1")
    fields.names(
        "api_key_env",
        "Variable of its key",
        placeholder="such as STUDIO_API_KEY, or empty",
        help="The name of the variable that holds the key. A key itself never stands here.",
    )
    fields.several("models", "Models", models, placeholder="Type a name and press Enter")
    fields.choice(
        "default_model",
        "Default model",
        models,
        placeholder=f"{models[0]}, as the first one" if models else "The model of bots that name none",
    )


def known_of(server: Server) -> list[Known]:
    """Those that the server knows; none where it is too old to tell."""
    try:
        told = server.read("/admin/config/known")["providers"]
    except NotThere:
        return []
    return [
        Known(each["name"], each["title"], tuple(each["key_names"]), each["key_url"] or "", each["note"], each["entry"])
        for each in told
    ]


def _which_one(server: Server, draft: Draft) -> None:
    known, there = {each.name: each for each in known_of(server)}, server.read("/providers")
    if not known:
        return
    chosen = st.selectbox(
        "Which one",
        [*known, _ANOTHER],
        index=None,
        key="providers_known",
        format_func=lambda name: (
            _title(known[name], there) if name in known else "Another one that speaks OpenAI's API"
        ),
        placeholder="Choose one, and all is filled in",
        persist_state="session",
    )
    if chosen is None:
        return
    if st.session_state.get("providers_filled_in") != (draft.section, chosen):
        st.session_state["providers_filled_in"] = (draft.section, chosen)
        draft.begin_anew(known[chosen].entry if chosen in known else {})
    if chosen in known:
        _about(known[chosen])


def _title(known: Known, there: Collection[str]) -> str:
    return f"{known.title} · there already" if known.name in there else known.title


def _about(known: Known) -> None:
    needs = "It needs no key."
    if known.key_names:
        variables = " or ".join(f"`{name}`" for name in known.key_names)
        needs = f"It needs a key, in the variable {variables}. The key itself is never written here."
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/key: {needs}", width="content")
        if known.key_url.startswith("https://"):
            st.link_button("Get a key", known.key_url, icon=":material/open_in_new:", type="tertiary")
    if known.note:
        st.caption(with_names(known.note))


def _name_of(model: Any) -> str:
    return str(model.get("name", "")) if isinstance(model, dict) else str(model)
