"""Files that a bot gives to Poe to keep, because they are data and not an address."""

import base64
import binascii

import fastapi_poe as fp
import httpx
import structlog

_log = structlog.get_logger(__name__)

_UPLOAD = "https://www.quora.com/poe_api/file_upload_3RD_PARTY_POST"
_TIMEOUT_SECONDS = 60
_LARGEST = 50 * 1024 * 1024


class PoeFiles:
    """Poe's store of files, over connections that are kept. None is made before the first file."""

    def __init__(self, upload_url: str = _UPLOAD) -> None:
        self._upload_url = upload_url
        self._client: httpx.AsyncClient | None = None

    async def kept(self, event: fp.PartialResponse, access_key: str) -> fp.PartialResponse | None:
        """The event with its file under an address; None when the file could not be kept."""
        file = event.attachment
        if file is None or not file.url.startswith("data:"):
            return event
        data = _data_of(file.url)
        url = await self._uploaded(data, file, access_key) if 0 < len(data) <= _LARGEST else None
        if url is None:
            return None
        return event.model_copy(update={"attachment": file.model_copy(update={"url": url})})

    async def aclose(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _uploaded(self, data: bytes, file: fp.Attachment, access_key: str) -> str | None:
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=_TIMEOUT_SECONDS)
        name = f"{file.name}.{file.content_type.rpartition('/')[2]}"
        try:
            # Unlike everywhere else at Poe, the key stands here without `Bearer`.
            response = await self._client.post(
                self._upload_url, files={"file": (name, data, file.content_type)}, headers={"Authorization": access_key}
            )
            url = response.raise_for_status().json()["attachment_url"]
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as exc:
            _log.warning("file.not_kept", file=name, bytes=len(data), error=type(exc).__name__)
            return None
        return url if isinstance(url, str) else None


def _data_of(url: str) -> bytes:
    head, _, body = url.partition(",")
    try:
        return base64.b64decode(body, validate=True) if head.endswith(";base64") else b""
    except binascii.Error:
        return b""
