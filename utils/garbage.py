"""How often Python looks for garbage in a process that serves."""

import gc

_OBJECTS = 20_000
"""So many more of them than were given back begin a search."""


def look_seldom() -> None:
    """What has been made so far stays, and is looked through no more. What comes is looked through now and then.

    An answer leaves no circles behind, and only for those Python has to search. As often as it does by itself, that
    takes a fifth of the time of a short answer, and makes everybody wait for a tenth of a second once in a while.
    """
    gc.freeze()
    gc.set_threshold(_OBJECTS, *gc.get_threshold()[1:])
    gc.enable()
