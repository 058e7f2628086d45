"""How a server that only this machine reaches comes onto the internet: with the commands to copy."""

import streamlit as st

from ..server import Server

_FILE = ".env.modal"  # which git ignores
_MODAL = "For good, on Modal"
_TUNNEL = "For a try, with a tunnel"


def how_to_get_online(server: Server) -> None:
    """Poe has to reach the server; here nobody but this machine does."""
    with st.container(border=True, key="poe_online"):
        st.markdown("##### :material/public_off: Poe cannot reach this server yet", anchors=False)
        st.markdown("It listens on this machine alone, and Poe calls it over the internet. There are two ways:")
        modal, tunnel = st.tabs([_MODAL, _TUNNEL])
        with modal:
            _on_modal()
        with tunnel:
            _with_a_tunnel(server)


def _on_modal() -> None:
    st.markdown("**1.** Once: an account at Modal, and a file with your keys.")
    st.code(f"modal setup\npython config_manager.py keys export-modal --to {_FILE}", language=None, wrap_lines=True)
    st.markdown(
        "Add a line `ADMIN_KEY=…` to that file, with a long key of your own. Then make the secret of it, and delete"
        " the file. The same again when a key is new or changes."
    )
    st.code(f"modal secret create --force poe-bots --from-dotenv {_FILE}", language=None, wrap_lines=True)
    st.markdown("**2.** Now, and after every change of a bot or a provider:")
    st.code("modal deploy app.py", language=None)
    st.markdown(
        "**3.** It prints an address, `https://<workspace>--poe-bots.modal.run`. Give it under *Server* in the sidebar"
        " with the `ADMIN_KEY` of the secret, and this page shows what Poe wants to know."
    )


def _with_a_tunnel(server: Server) -> None:
    st.markdown(
        "**1.** A tunnel, such as Cloudflare's, which needs no account. It prints an address; leave it running."
    )
    st.code(f"cloudflared tunnel --url {server.address}", language=None, wrap_lines=True)
    st.markdown("**2.** Start the server again, with that address:")
    st.code(
        "PUBLIC_URL=https://….trycloudflare.com ALLOW_WITHOUT_KEY=false python run_local.py",
        language=None,
        wrap_lines=True,
    )
    st.caption(
        "`ALLOW_WITHOUT_KEY=false`, since whoever knows the address reaches the server now: only bots with an access"
        " key answer then. The address is another one every time."
    )
