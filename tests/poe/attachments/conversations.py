"""Messages with files, and a web that holds just the pictures of the test."""

import base64

import fastapi_poe as fp

from utils.poe.attachments import Sight
from utils.poe.attachments.trouble import NotLoaded

SEEING = Sight(sees=True, takes_urls=False)
BY_ADDRESS = Sight(sees=True, takes_urls=True)
BLIND = Sight(sees=False, takes_urls=False)

PNG = b"\x89PNG\r\n\x1a\n" + bytes(8)


def said(content, *files, role="user"):
    return fp.ProtocolMessage(role=role, content=content, attachments=list(files))


def file(name, parsed_content=None, content_type="text/plain"):
    return fp.Attachment(
        url=f"https://files.example/{name}", name=name, content_type=content_type, parsed_content=parsed_content
    )


def picture(name, parsed_content=None, content_type="image/png"):
    return file(name, parsed_content, content_type)


def data_address(data=PNG, kind="image/png"):
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


class Web:
    """Every picture is there, as `data:NAME`, unless the test says what became of it."""

    def __init__(self, **troubles):
        self.troubles = troubles
        self.asked = []
        self.is_closed = False

    async def fetch(self, url):
        name = url.rpartition("/")[2]
        self.asked.append(name)
        if trouble := self.troubles.get(name.partition(".")[0]):
            raise NotLoaded(trouble)
        return f"data:{name}"

    async def aclose(self):
        self.is_closed = True
