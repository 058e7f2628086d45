"""Names for attempts. What is random in them is asked of the system once, which is dear; then they are counted."""

import os
from itertools import count


class Names:
    """Names that nobody else gives, in whatever process. Good for several threads."""

    def __init__(self) -> None:
        self._names = map(str, count())
        self._process = 0

    def next(self) -> str:
        """One more, of 32 letters."""
        if self._process != os.getpid():
            self.begin_anew()
        return next(self._names)

    def begin_anew(self) -> None:
        """From now on with something random of its own: of a process that was saved there may be many copies."""
        self._names = map(f"{os.urandom(10).hex()}{{:012x}}".format, count())
        self._process = os.getpid()


NAMES = Names()
"""Those of this process."""
