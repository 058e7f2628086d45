"""`poe:` of bots.yaml, checked against what Poe knows."""

from collections.abc import Iterator, Mapping
from typing import Any

import fastapi_poe as fp
from pydantic import ValidationError

from utils.problems import did_you_mean


def wrong_settings(settings: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    """Every mistake as a sentence, and where it stands. Poe itself drops what it does not understand without a word."""
    try:
        fp.SettingsResponse.model_validate(dict(settings))
    except ValidationError as exc:
        for error in exc.errors(include_input=False):
            place = tuple(error["loc"])
            name = ".".join(str(step) for step in place)
            if error["type"] == "extra_forbidden":
                near = did_you_mean(str(place[-1]), fp.SettingsResponse.model_fields) if len(place) == 1 else ""
                yield f"Poe has no setting `{name}`.{near}", place
            else:
                yield f"Poe's setting `{name}`: {error['msg'][:1].lower()}{error['msg'][1:]}.", place
