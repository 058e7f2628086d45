"""What providers do to an answer, as the name of a demo model orders it."""

TOLD = "c0 c1 c2 c3 c4 c5 c6 c7 c8 c9"
"""The whole answer of a chaotic target."""
WELL_TOLD = "w0 w1 w2 w3 w4 w5 w6 w7 w8"
"""The whole answer of a target that is well."""

BEFORE_A_WORD = (
    *(f"fail-{status}" for status in (400, 401, 402, 403, 404, 408, 413, 422, 429, 500, 502, 503, 504, 529)),
    *(f"busy-{way}" for way in ("seconds", "float", "ms", "date", "body", "words")),
    *(f"busy-{way}" for way in ("zero", "negative", "absurd", "nothing")),
    *("html", "empty", "empty-body", "slam", "roles", "comments", "hang", "no-headers", "no-body"),
    *("break-0", "nodone-0", "error-inside-0", "half-line-0", "half-character-0"),
    *(
        "garbage",
        "trickle",
        "reset-after-0",
        "end-after-150",
        "reset-after-150",
        "stall-after-150",
    ),
)
AFTER_SOME_WORDS = (
    *("break-3-slow-10", "nodone-3-slow-10", "error-inside-3-slow-10", "half-line-3", "half-character-3-slow-10"),
    *("reset-after-1500-slow-5", "end-after-1500-slow-5", "stall-after-1500-slow-5", "break-9-drip", "nodone-10"),
    *("break-3-crlf-slow-10", "error-inside-9-nulls-slow-5"),
)
TOO_MUCH = ("endless-line", "comment-flood", "error-flood", "bomb-4096")
"""More than fits anywhere, before a word."""
MERELY_ODD = ("json-body", "drip", "crlf", "nulls", "list", "mislabel", "slow-5", "wait-50", "crlf-drip-nulls-list")
REFUSALS = frozenset(("fail-400", "fail-422"))
"""The question itself is refused, so that nobody else is asked."""


def chaotic(trouble: str, mark: str, text: str = TOLD) -> str:
    """The name of a model in this trouble; no other has the same mark, so that it has a lane of its own."""
    return f"demo-{mark}-{trouble}-echo-{text.replace(' ', '-')}"


def well(mark: str, text: str = WELL_TOLD) -> str:
    """The name of a model that is well."""
    return f"demo-{mark}-echo-{text.replace(' ', '-')}"
