"""A line that says what a bot is doing while it has nothing to say yet."""

import fastapi_poe as fp


class StatusLine(fp.PartialResponse):
    """Yield it before the first words: it is shown until they come, and is no part of the answer."""

    is_replace_response: bool = True
