"""The ASGI application of a stand-in for Meta: the Graph API, `/control` and a customer's page."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from sandbox.graph import api, control
from sandbox.graph.config import GraphConfig
from sandbox.graph.core import Graph
from sandbox.graph.photo import photo

PAGE = Path(__file__).parent / "page"
SHOWN = ("image/png", "image/jpeg", "image/gif", "image/webp", "audio/mpeg", "video/mp4")
"""Types that a browser may show; all others, which might be scripts, are something to keep."""


def create_app(config: GraphConfig) -> Starlette:
    """To serve alone or to mount; its parts are at `app.state.graph`.

    Mounted applications get no lifespan: who mounts it awaits `app.state.graph.close()` itself.
    """
    graph = Graph(config)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        await graph.close()

    async def face(request: Request) -> Response:
        customer = graph.world.customers.get(request.path_params["psid"])
        name = customer.name if customer else graph.config.page_name
        return Response(control.picture(name), media_type="image/svg+xml")

    async def sent(_request: Request) -> Response:
        return Response(photo(), media_type="image/png")

    async def uploaded(request: Request) -> Response:
        upload = graph.world.uploads.get(request.path_params["id"])
        if upload is None:
            return Response(status_code=404)
        shown = upload.mime in SHOWN
        headers = {"x-content-type-options": "nosniff"}
        headers |= {} if shown else {"content-disposition": "attachment"}
        return Response(upload.content, media_type=upload.mime, headers=headers)

    app = Starlette(
        routes=[
            Mount("/control", routes=control.routes(graph)),
            Route("/pictures/{psid}.svg", face),
            Route("/attachments/photo.png", sent),
            Route("/attachments/{id}", uploaded),
            Mount("/page", StaticFiles(directory=PAGE, html=True)),
            *api.routes(graph),
        ],
        lifespan=lifespan,
    )
    app.state.graph = graph
    return app


def mount(config: GraphConfig, path: str = "/sandbox/graph") -> tuple[Mount, Graph]:
    """For another application: the route, and what to close when that ends. The product is then
    set up with `settings_for`."""
    app = create_app(config)
    return Mount(path, app), app.state.graph


def settings_for(config: GraphConfig, base: str) -> dict[str, str]:
    """The settings of a product that talks to a stand-in at `base`."""
    return {
        "MESSENGER_PAGE_TOKEN": f"{config.page_id}={config.page_token}",
        "MESSENGER_APP_SECRET": config.app_secret,
        "MESSENGER_VERIFY_TOKEN": config.verify_token,
        "MESSENGER_API_URL": f"{base}/{config.version}",
    }
