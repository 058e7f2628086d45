"""A route for everything at a path and below it."""

from starlette.routing import BaseRoute, Match, NoMatchFound
from starlette.types import ASGIApp, Receive, Scope, Send


class Below(BaseRoute):
    """Leads to one app, whatever a path is made of: `{rest:path}` of a plain route ends at a line break."""

    def __init__(self, path: str, app: ASGIApp) -> None:
        self.path = path
        self._app = app

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether the path is this one, or lies below it. Nothing in it is resolved."""
        path = scope.get("path", "")
        is_here = scope["type"] == "http" and (path == self.path or path.startswith(f"{self.path}/"))
        return (Match.FULL, {}) if is_here else (Match.NONE, {})

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the app answer."""
        await self._app(scope, receive, send)

    def url_path_for(self, name: str, /, **path_params: object) -> "NoMatchFound":  # type: ignore[override]
        """Nothing here has a name."""
        raise NoMatchFound(name, dict(path_params))
