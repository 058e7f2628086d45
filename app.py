"""The same app on Modal: `modal deploy app.py`. Everything that it serves is described in config/*.yaml."""

from pathlib import Path
from typing import TYPE_CHECKING

import modal

if TYPE_CHECKING:
    from fastapi import FastAPI

HERE = Path(__file__).resolve().parent

image = (
    modal.Image.debian_slim(python_version="3.12")
    .pip_install_from_requirements(str(HERE / "requirements.txt"))
    .add_local_python_source("bots", "utils")
    .add_local_dir(HERE / "config", "/root/config", ignore=["**/.*", "**/__pycache__"])
    .add_local_dir(HERE / "migrations", "/root/migrations", ignore=["**/__pycache__"])
)
app = modal.App("poe-bots", image=image)

with image.imports():  # type: ignore[no-untyped-call]  # modal has no type for it
    # In the memory snapshot: what is imported here costs a cold start nothing.
    import bots.llm_chat_bot  # noqa: F401  # bots.yaml names it
    import utils.bot_factory
    import utils.garbage
    import utils.logs
    import utils.providers.openai_provider


@app.function(
    # One secret for all keys: a list that depended on the environment here would differ inside the container.
    secrets=[modal.Secret.from_name("poe-bots")],
    min_containers=1,  # Poe waits 5 seconds for a first sign of life
    max_containers=5,
    scaledown_window=300,
    timeout=3700,  # Poe lets an answer take an hour; none should be cut here
    cpu=0.25,
    memory=512,
    enable_memory_snapshot=True,
)
@modal.concurrent(max_inputs=200, target_inputs=100)
@modal.asgi_app(label="poe-bots")
def serve() -> "FastAPI":
    """The app, made after the snapshot so that it sees the keys of today."""
    settings = utils.settings.Settings.read()
    utils.logs.configure_logging(settings, utils.keys.known_secrets(utils.settings.environment()))
    served = utils.bot_factory.create_app(settings)
    utils.garbage.look_seldom()
    return served
