"""A server that takes the place of AWS: it checks signatures as AWS does, and gives out roles."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, quote, unquote

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from .frames import WHOLE

KEYS = {"AKIDMINE": "secret-mine", "AKIDROLE": "secret-role", "AKIDAROUND": "secret-around"}
"""The secrets that AWS knows, by the id of their access keys."""

_ROLE = """<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
<AccessKeyId>AKIDROLE</AccessKeyId><SecretAccessKey>secret-role</SecretAccessKey>
<SessionToken>token-of-the-role-{n}</SessionToken><Expiration>{expires}</Expiration></Credentials>
<AssumedRoleUser><AssumedRoleId>A:b</AssumedRoleId><Arn>arn:aws:sts::123456789012:assumed-role/bots/b</Arn>
</AssumedRoleUser></AssumeRoleResult></AssumeRoleResponse>"""


class Aws:
    """Answers every question alike, remembers it, and refuses what is not signed properly."""

    def __init__(self, *parts: bytes, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self.app = Starlette(
            routes=[
                Route("/model/{model:path}/{action:str}", self._model, methods=["POST"]),
                Route("/", self._sts, methods=["POST"]),
            ]
        )
        self.parts = parts or WHOLE
        self.status, self.headers = status, headers or {}
        self.whole: Any = None
        """What Converse answers."""
        self.requests: list[Request] = []
        self.bodies: list[Any] = []
        self.models: list[str] = []
        self.actions: list[str] = []
        self.signers: list[str] = []
        self.roles: list[dict[str, list[str]]] = []
        self.role_expires = "2999-01-01T00:00:00Z"
        self.hung_up = asyncio.Event()
        self.waits = False
        """Whether to say nothing more at the end, and keep the connection."""

    @property
    def asked(self) -> Any:
        return self.bodies[-1]

    async def _model(self, request: Request) -> Response:
        body = await request.body()
        self.requests.append(request)
        signer = signer_of(request, body, "bedrock")
        if signer is None:
            return refused("InvalidSignatureException", "The request signature we calculated does not match.\n\nThe …")
        self.signers.append(signer)
        self.bodies.append(json.loads(body))
        self.models.append(unquote(request.path_params["model"]))
        self.actions.append(request.path_params["action"])
        if self.whole is not None:
            return JSONResponse(self.whole, self.status, self.headers)
        headers = {"content-type": "application/vnd.amazon.eventstream", **self.headers}
        return StreamingResponse(self._said(), self.status, headers)

    async def _said(self) -> AsyncIterator[bytes]:
        try:
            for part in self.parts:
                yield part
            if self.waits:
                await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.hung_up.set()
            raise

    async def _sts(self, request: Request) -> Response:
        body = await request.body()
        if signer_of(request, body, "sts") is None:
            return Response("<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code></Error></ErrorResponse>", 403)
        self.roles.append(parse_qs(body.decode()))
        return Response(_ROLE.format(n=len(self.roles), expires=self.role_expires), media_type="text/xml")


def refused(kind: str, message: str, status: int = 403, **headers: str) -> Response:
    return JSONResponse({"message": message}, status, {"x-amzn-errortype": f"{kind}:http://internal/", **headers})


def signer_of(request: Request, body: bytes, service: str) -> str | None:
    """Whose signature it is: the id of the access key, or the bearer token. None when the signature is wrong."""
    scheme, _, rest = request.headers.get("authorization", "").partition(" ")
    if scheme == "Bearer":
        return rest
    said = dict(part.split("=", 1) for part in rest.split(", "))
    access_key, date, region, named_service, _ = said["Credential"].split("/")
    if access_key not in KEYS or named_service != service:
        return None
    signed = {name: request.headers[name] for name in said["SignedHeaders"].split(";")}
    # The path as it came over the wire: the signature is made of it.
    raw = request.scope["raw_path"].decode()
    again = AWSRequest("POST", f"{request.url.scheme}://{request.headers['host']}{raw}", signed, body)
    again.context["timestamp"] = request.headers["x-amz-date"]
    auth = SigV4Auth(Credentials(access_key, KEYS[access_key], signed.get("x-amz-security-token")), service, region)
    canonical = auth.canonical_request(again)
    expected = auth.signature(auth.string_to_sign(again, canonical), again)
    assert date == request.headers["x-amz-date"][:8]
    return access_key if expected == said["Signature"] else None


def encoded(model: str) -> str:
    return quote(model, safe="")
