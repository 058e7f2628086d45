"""What is switched on or off behind the question mark of an address."""

from starlette.requests import Request

_SAID = {"": False, "true": True, "1": True, "false": False, "0": False}


def is_on(request: Request, name: str) -> bool | None:
    """Whether it is; None where that is neither said nor denied, but something else."""
    return _SAID.get(request.query_params.get(name, "").lower())


def what_it_takes(name: str) -> str:
    """The sentence for who has said something else."""
    return f"`{name}` should be true or false."
