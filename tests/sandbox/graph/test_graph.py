"""The stand-in for the Graph API judges and tells as Meta does."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.graph import Graph, GraphConfig, create_app, mount, settings_for
from sandbox.graph.judge import judge
from tests.adapters.slack.world import served
from tests.waiting import until

PSID = "1"
TEXT = {"text": "hello"}
TO = {"recipient": {"id": PSID}}
RESPONSE = {**TO, "messaging_type": "RESPONSE"}
LATE = {**TO, "messaging_type": "MESSAGE_TAG", "message": TEXT}
UNKNOWN_FILE = {"attachment": {"type": "file", "payload": {"attachment_id": "1"}}}
DAY = 86_400.0


def graph(**changes: Any) -> Graph:
    made = Graph(GraphConfig(clock=lambda: 10 * DAY, **changes))
    made.world.meet(PSID, "Sam", "Rivera")
    made.world.say(PSID, "hi", by_page=False)
    return made


def code(made: Graph, body: Any) -> int:
    """Zero: taken; else the subcode, or the code where there is none."""
    refusal = judge(made.world, body)
    return 0 if refusal is None else refusal.subcode or refusal.code


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ({**RESPONSE, "message": TEXT}, 0),
        ({**TO, "message": TEXT}, 100),
        ({**LATE, "tag": "HUMAN_AGENT"}, 0),
        ({**LATE, "tag": "ACCOUNT_UPDATE"}, 100),
        ({**LATE, "tag": "CUSTOMER_FEEDBACK"}, 2018278),
        ({"recipient": {"id": "9"}, "messaging_type": "RESPONSE", "message": TEXT}, 2018001),
        ({"messaging_type": "RESPONSE"}, 2018001),
        (RESPONSE, 100),
        ({**RESPONSE, "message": {"text": " "}}, 100),
        ({**RESPONSE, "message": {"text": "x" * 1_999}}, 0),
        ({**RESPONSE, "message": {"text": "x" * 2_000}}, 100),
        ({**RESPONSE, "message": {**TEXT, "metadata": "x" * 1_001}}, 100),
        ({**RESPONSE, "message": {**TEXT, "quick_replies": [{}]}}, 100),
        ({**RESPONSE, "message": {**TEXT, "quick_replies": [{}] * 14}}, 100),
        ({**RESPONSE, "message": TEXT, "persona_id": "7"}, 100),
        ({**RESPONSE, "message": {"attachment": {"type": "image", "payload": {}}}}, 0),
        ({**RESPONSE, "message": {"attachment": {"type": "hologram"}}}, 100),
        ({**RESPONSE, "message": UNKNOWN_FILE}, 2018074),
        ({**TO, "sender_action": "typing_on"}, 0),
        ({**TO, "sender_action": "dance"}, 100),
        ({**TO, "sender_action": "typing_on", "message": TEXT}, 100),
    ],
)
def test_a_send_is_judged_by_the_documentation(body: Any, wanted: int) -> None:
    assert code(graph(human_agent=True), body) == wanted


def test_the_window_and_the_tag_are_judged_by_the_customers_last_sign() -> None:
    late, tagged = {**RESPONSE, "message": TEXT}, {**LATE, "tag": "HUMAN_AGENT"}
    made, plain = graph(human_agent=True), graph()
    for days, answers in ((0.9, (0, 0)), (1.1, (2018278, 0)), (7.1, (2018278, 2018278))):
        made.world.shift = plain.world.shift = days * DAY
        assert (code(made, late), code(made, tagged)) == answers
        assert code(plain, tagged) == 2018278
    made.world.customer(PSID).heard_at = 0
    assert code(made, late) == 2018278


def test_who_is_blocked_or_another_apps_is_not_reached() -> None:
    made, body = graph(), {**RESPONSE, "message": TEXT}
    made.world.owner = "another"
    assert code(made, body) == 2018300
    made.world.customer(PSID).blocked = True
    assert code(made, body) == 1545041


# --- webhooks ------------------------------------------------------------------------------------


class App:
    """Hears webhooks; `answers` are the statuses of the next ones."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.answers: list[int] = []
        self.wrong = 0

    async def hear(self, request: Request) -> Response:
        body = await request.body()
        secret = GraphConfig().app_secret.encode()
        digest = hmac.new(secret, body, hashlib.sha256).hexdigest()
        if request.headers["x-hub-signature-256"] != f"sha256={digest}":
            self.wrong += 1
            return Response(status_code=401)
        assert body.isascii()
        self.heard.append(await request.json())
        return Response(status_code=self.answers.pop(0) if self.answers else 200)

    def words(self) -> list[str]:
        told = [each for payload in self.heard for entry in payload["entry"]
                for each in entry["messaging"]]  # fmt: skip
        return [each["message"]["text"] for each in told if "message" in each]


@pytest.fixture(scope="module")
async def place() -> AsyncIterator[tuple[App, str]]:
    app = App()
    product = Starlette(routes=[Route("/hook", app.hear, methods=["POST"])])
    async with served(product) as base:
        yield app, f"{base}/hook"


@pytest.fixture
async def told(place: tuple[App, str]) -> AsyncIterator[tuple[App, Graph]]:
    app, url = place
    app.heard.clear()
    app.wrong = 0
    made = Graph(GraphConfig(callback_url=url, retry_delay=0.01))
    made.world.meet(PSID, "Sam")
    yield app, made
    await made.close()


async def settled(made: Graph) -> None:
    await until(lambda: not made.courier.open)


async def test_a_webhook_comes_again_until_it_is_taken_and_nothing_overtakes_it(
    told: tuple[App, Graph],
) -> None:
    app, made = told
    app.answers = [503, 500]
    for text in ("eins", "zwei", "drei ä"):
        made.write(PSID, text)
    await settled(made)
    assert app.words() == ["eins", "eins", "eins", "zwei", "drei ä"]


async def test_faults_of_webhooks_are_used_up(told: tuple[App, Graph]) -> None:
    app, made = told
    kinds = ("duplicate", "bad_signature", "lost_answer", "batch")
    made.faults.set([{"kind": kind} for kind in kinds])
    for number in range(4):
        made.write(PSID, str(number))
    await settled(made)
    assert app.wrong == 1
    assert set(app.words()) == set("0123")
    assert len(app.words()) > 4
    assert all(rule["used"] == 1 for rule in made.faults.told())
    assert len(app.heard[0]["entry"]) == 4


async def test_after_an_hour_without_an_answer_the_subscription_ends(
    place: tuple[App, str],
) -> None:
    made = Graph(GraphConfig(callback_url=place[1], retry_delay=0.001, give_up_after=0.0))
    made.world.meet(PSID, "Sam")
    place[0].answers = [500] * 1_000
    made.write(PSID, "hello")
    await until(lambda: not made.world.subscribed)
    place[0].answers = []
    await made.close()


# --- what customers do, and the page that shows it -----------------------------------------------


async def test_a_customer_does_everything_over_control() -> None:
    route, made = mount(GraphConfig())
    transport = httpx.ASGITransport(app=Starlette(routes=[route]))
    async with httpx.AsyncClient(transport=transport, base_url="http://t/sandbox/graph") as client:

        async def act(name: str, **body: Any) -> httpx.Response:
            return await client.post(f"/control/{name}", json={"psid": PSID, **body})

        assert (await act("customers", first_name="Sam")).json()["psid"] == PSID
        mid = (await act("write", text="hello")).json()["mid"]
        for name, body in (
            ("press", {"title": "Start", "payload": "GO"}),
            ("edit", {"mid": mid, "text": "hello!"}),
            ("react", {"mid": mid, "emoji": "🎉"}),
            ("read", {}),
            ("block", {"on": False}),
            ("clock", {"seconds": 5}),
            ("owner", {"app_id": ""}),
            ("token", {"revoked": False}),
            ("raw", {"event": {}}),
            ("faults", {"rules": []}),
            ("unsubscribe", {}),
            ("reset", {}),
        ):
            assert (await act(name, **body)).status_code == 200, name
        for name, body in (
            ("choose", {"title": "nobody offered it"}),
            ("react", {"mid": "m", "emoji": "x"}),
            ("edit", {"mid": "m", "text": "x"}),
            ("faults", {"rules": [{"kind": "no such"}]}),
        ):
            assert (await act(name, **body)).status_code == 400, name
        state = (await client.get("/control/state")).json()
        assert [m["text"] for m in state["messages"]] == ["hello!", "Start"]
        assert (await client.get("/pictures/page.svg")).headers["content-type"].startswith("image")
        assert (await client.get("/page/")).status_code == 200
    await made.close()


async def test_a_picture_of_a_customers_is_shown_and_what_may_run_scripts_only_given() -> None:
    app = create_app(GraphConfig(public_base_url="http://t"))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://t") as client:
        for mime, disposition in (("image/png", None), ("image/svg+xml", "attachment")):
            headers = {"content-type": mime}
            told = await client.post("/control/upload", content=b"bytes", headers=headers)
            attachment = told.json()["attachment"]
            assert attachment["type"] == "image"
            answer = await client.get(attachment["payload"]["url"])
            assert (answer.content, answer.headers["content-type"]) == (b"bytes", mime)
            assert answer.headers.get("content-disposition") == disposition
        assert (await client.get("/attachments/880")).status_code == 404
    await app.state.graph.close()


async def test_the_settings_of_a_product_are_told() -> None:
    config = GraphConfig()
    env = settings_for(config, "http://127.0.0.1:1")
    assert env["MESSENGER_API_URL"] == "http://127.0.0.1:1/v26.0"
    app = create_app(config)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://t/v26.0") as client:
        assert (await client.get("/me")).json()["error"]["code"] == 190
        client.headers["authorization"] = f"Bearer {config.page_token}"
        assert (await client.get("/me")).json()["name"] == config.page_name
        assert (await client.get("/nobody")).status_code == 400
        wrong = await client.get("/me", params={"appsecret_proof": "00"})
        assert wrong.json()["error"]["code"] == 100
        said = {"message": {"attachment": {"type": "image", "payload": {}}}}
        form = {"message": orjson.dumps(said["message"]).decode()}
        file = {"filedata": ("a.png", b"1", "image/png")}
        kept = (await client.post("/me/message_attachments", data=form, files=file)).json()
        there = f"http://t/attachments/{kept['attachment_id']}"
        assert (await client.get(there)).content == b"1"
        assert (await client.get("http://t/attachments/1")).status_code == 404
        other = {"filedata": ("a.png", b"1", "text/plain")}
        bodies: tuple[Any, ...] = ({"files": other, "data": form}, {"json": said}, {"json": {}})
        for body in bodies:
            answer = await client.post("/me/message_attachments", **body)
            assert answer.json()["error"]["code"] == 100
        taken = await client.post("/me/take_thread_control", json={})
        assert taken.json() == {"success": True}
    await app.state.graph.close()
