"""An upstream whose answers are already there: it sends the same recorded response to every POST, in one write.

GET tells how many those were. `python -m bench.rig.replay PORT FILE`
"""

import asyncio
import re
import sys
from pathlib import Path

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


class Recording:
    """The response, and how often it was sent."""

    def __init__(self, response: bytes) -> None:
        self._response = response
        self._times_sent = 0

    def response_to(self, request: bytes) -> bytes:
        """The recorded response, or the count of them."""
        if request.startswith(b"GET"):
            count = str(self._times_sent).encode()
            return b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(count), count)
        self._times_sent += 1
        return self._response


class Connection(asyncio.Protocol):
    """It understands just enough HTTP to know when a request is whole."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every request that is whole now."""
        self._received += data
        while (end := _request_end(self._received)) is not None:
            request, self._received = self._received[:end], self._received[end:]
            self._transport.write(self._recording.response_to(request))


def _request_end(received: bytes) -> int | None:
    """Where the first request ends; None while it is not whole."""
    head_end = received.find(b"\r\n\r\n")
    if head_end < 0:
        return None
    length = _LENGTH.search(received, 0, head_end)
    end = head_end + 4 + (int(length[1]) if length else 0)
    return end if len(received) >= end else None


async def serve(port: int, recording: Recording) -> None:
    """Answer until killed."""
    server = await asyncio.get_running_loop().create_server(lambda: Connection(recording), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Recording(Path(sys.argv[2]).read_bytes())))
