"""HTTP/1.1 as far as questions to providers need it. Knows nothing of models.

response         what comes back, as others see it
request          a question as bytes, and where it goes
connections      those that are kept, and new ones
connection       one of them, which asks one question after the other
direct_response  the head, and the body while it comes
packed           a body that is compressed, though nobody asked for that
proxied          the same by way of a proxy, which is left to aiohttp

A library would do. But for each question aiohttp takes twice the CPU of all this, and for each token that comes alone
it takes more than all that is done with the token.
"""

from .connections import Connections
from .request import request_bytes, where
from .response import NotHttp, Response

__all__ = ["Connections", "NotHttp", "Response", "request_bytes", "where"]
