"""Who a visitor is: nothing is stored, nothing can be forged, nobody reads another's words."""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path
from typing import Any

import jwt
import pytest
from sqlalchemy import inspect, text

from adapters.webchat.sessions import (
    LIFETIME,
    REMEMBERED,
    Sessions,
    identify,
    random_address,
    user_at,
)
from bridge.errors import BadRequest
from bridge.model import SECOND, HandoffId, given
from storage.database import connect
from tests.bridge.running import (
    IDENTITY_SECRET,
    SECRET_KEY,
    UNLIMITED,
    Running,
    configured,
    identity,
    in_file,
    running,
    with_bot,
)

NOW = 1_763_700_000 * SECOND
KEY = b"k" * 32


def unsigned(claims: dict[str, Any]) -> str:
    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims)}."


def claims(**more: Any) -> dict[str, Any]:
    return {"sub": "sam", "exp": NOW // SECOND + 60, **more}


def signed(secret: str = IDENTITY_SECRET, algorithm: str = "HS256", **more: Any) -> str:
    told = {name: value for name, value in claims(**more).items() if value is not None}
    return jwt.encode(told, secret, algorithm)


# --- tokens --------------------------------------------------------------------------------------


def test_a_token_carries_everything_and_stores_nothing() -> None:
    user = user_at("a1", name="Sam", attributes={"plan": "pro"}, page_url="https://x.example/")
    token = Sessions([KEY]).issue(user, NOW)
    found = Sessions([KEY]).read(token, NOW)
    assert found is not None
    assert found.user == user
    assert found.conversation == user.conversation_id
    assert not found.identified


def test_a_token_ends_after_thirty_days_even_when_it_is_remembered() -> None:
    sessions = Sessions([KEY])
    token = sessions.issue(user_at("a1"), NOW)
    assert sessions.read(token, NOW + LIFETIME - SECOND) is not None
    assert sessions.read(token, NOW + LIFETIME) is None


def test_any_of_our_keys_reads_and_the_first_signs() -> None:
    old = Sessions([b"o" * 32]).issue(user_at("a1"), NOW)
    rotated = Sessions([KEY, b"o" * 32])
    assert rotated.read(old, NOW) is not None
    new = rotated.issue(user_at("a1"), NOW)
    assert Sessions([KEY]).read(new, NOW) is not None
    assert Sessions([b"o" * 32]).read(new, NOW) is None


def test_what_is_not_a_token_of_ours_is_no_session() -> None:
    sessions = Sessions([KEY])
    token = sessions.issue(user_at("a1"), NOW)
    head, body, signature = token.split(".")
    other_kind = jwt.encode(claims(user={}), sessions._keys[0], "HS256")
    for forged in (
        "",
        "x",
        f"{head}.{body}.",
        f"{head}.{body}.{signature[::-1]}",
        f"{head}.{body[:-4]}AAAA.{signature}",
        unsigned(claims(user={})),
        jwt.encode(claims(user={}), KEY, "HS256"),
        other_kind,
        "é.ü.ö",
    ):
        assert sessions.read(forged, NOW) is None


def test_only_so_many_tokens_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    assert REMEMBERED > 1
    monkeypatch.setattr("adapters.webchat.sessions.REMEMBERED", 2)
    sessions = Sessions([KEY])
    tokens = [sessions.issue(user_at(f"a{n}"), NOW) for n in range(4)]
    assert all(sessions.read(token, NOW) for token in tokens)
    assert list(sessions._read) == tokens[-2:]


def test_an_anonymous_address_cannot_be_guessed() -> None:
    assert len({random_address() for _ in range(100)}) == 100
    assert len(random_address()) == 32


# --- the site's word -----------------------------------------------------------------------------


def test_the_sites_word_names_its_user() -> None:
    found = identify(signed(name="Sam", nbf=NOW // SECOND), IDENTITY_SECRET, NOW)
    assert (found.address, found.claims["name"]) == ("id:sam", "Sam")


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(signed(exp=None), id="no exp"),
        pytest.param(signed(sub=None), id="no sub"),
        pytest.param(signed(exp=NOW // SECOND), id="expired"),
        pytest.param(signed(exp="soon"), id="exp is a text"),
        pytest.param(signed(nbf=NOW // SECOND + 1), id="not yet"),
        pytest.param(signed(nbf="soon"), id="nbf is a text"),
        pytest.param(signed(sub=""), id="empty sub"),
        pytest.param(signed(sub="x" * 201), id="long sub"),
        pytest.param(signed(sub="a\x00"), id="nul in sub"),
        pytest.param(signed(sub="a\ud800"), id="half a surrogate in sub"),
        pytest.param(signed(secret="w" * 32), id="another secret"),
        pytest.param(signed(secret="w" * 64, algorithm="HS512"), id="another algorithm"),
        pytest.param(signed(secret=IDENTITY_SECRET * 2, algorithm="HS512"), id="HS512"),
        pytest.param(unsigned(claims()), id="alg none"),
        pytest.param(signed(pad="x" * 9_000), id="too long"),
        pytest.param("x.y.z", id="nonsense"),
    ],
)
def test_any_other_word_is_refused(token: str) -> None:
    with pytest.raises(BadRequest) as caught:
        identify(token, IDENTITY_SECRET, NOW)
    assert (caught.value.status, caught.value.code) == (401, "identity_invalid")


def test_the_algorithm_is_pinned_even_for_the_right_secret() -> None:
    with pytest.raises(BadRequest):
        identify(
            signed(secret=IDENTITY_SECRET.ljust(64, "x"), algorithm="HS384"), IDENTITY_SECRET, NOW
        )
    right = jwt.encode(claims(), IDENTITY_SECRET.ljust(64, "x"), "HS512")
    with pytest.raises(BadRequest):
        identify(right, IDENTITY_SECRET.ljust(64, "x"), NOW)


def test_without_a_secret_nobody_can_be_identified() -> None:
    with pytest.raises(BadRequest):
        identify(signed(), "", NOW)


# --- POST /webchat/sessions ----------------------------------------------------------------------


async def rows(desk: Running, url: str) -> int:
    database = connect(url, exclusive=False)
    try:
        tables = await database.read(lambda c: inspect(c).get_table_names())
        counted = [
            await database.read(
                lambda c, t=table: int(c.execute(text(f'SELECT count(*) FROM "{t}"')).scalar_one())  # type: ignore[misc]  # noqa: S608
            )
            for table in tables
            if table != "alembic_version"
        ]
        return sum(counted)
    finally:
        await database.close()


async def test_a_session_stores_nothing(database_url: str, tmp_path: Path) -> None:
    async with running(configured(database_url, tmp_path, **with_bot())) as desk:
        before = await rows(desk, database_url)
        sam = await desk.visitor(locale="fr", attributes={"a": 1})
        await desk.visitor(visitor=sam.token, identity=identity("sam"))
        assert await rows(desk, database_url) == before
        await sam.say("Hello")
        assert await rows(desk, database_url) > before


async def test_a_visitor_resumes_the_same_conversation(database_url: str, tmp_path: Path) -> None:
    settings = configured(database_url, tmp_path)
    async with running(settings) as desk:
        sam = await desk.visitor()
        await sam.say("Hello")
    async with running(settings) as desk:  # another process with the same key
        again = await desk.visitor(visitor=sam.token)
        assert again.conversation == sam.conversation
        assert await again.texts() == ["Hello"]
        for gone in ("x", "x" * 40_000, sam.token[:-3] + "AAA"):
            other = await desk.visitor(visitor=gone)
            assert other.conversation != sam.conversation


async def test_what_is_known_stays_and_what_is_told_now_stands_above(tmp_path: Path) -> None:
    async with running(configured(in_file(tmp_path), tmp_path, **with_bot())) as desk:
        first = await desk.visitor(
            identity=identity("sam", name="Sam", email="s@example.com", attributes={"vip": True}),
            attributes={"plan": "free", "vip": False},
            locale="de",
        )
        later = await desk.visitor(
            visitor=first.token, attributes={"plan": "pro"}, page={"url": "https://x.example/a"}
        )
        await later.say("Hello")
        found = await desk.api("GET", f"/conversations/{later.conversation}")
        user = found.json()["user"]
        assert (user["name"], user["email"], user["locale"]) == ("Sam", "s@example.com", "de")
        assert user["attributes"] == {"plan": "pro", "vip": True}


async def test_what_the_site_has_signed_no_visitor_changes(tmp_path: Path) -> None:
    async with running(configured(in_file(tmp_path), tmp_path, **with_bot())) as desk:
        signed = {"plan": "free", "verified": False}
        sam = await desk.visitor(
            identity=identity("sam", attributes=signed), attributes={"plan": "pro", "size": 44}
        )
        for turn in range(2):  # a token made from a token knows it, too
            own = {"plan": "enterprise", "verified": True, "size": 45}
            sam = await desk.visitor(visitor=sam.token, attributes=own)
            assert (await sam.say("Hello", f"turn{turn}")).status_code == 202
            found = await desk.api("GET", f"/conversations/{sam.conversation}")
            assert found.json()["user"]["attributes"] == {**signed, "size": 45}


async def test_of_many_sessions_of_one_visitor_no_more_is_kept_than_of_one(tmp_path: Path) -> None:
    async with running(configured(in_file(tmp_path), tmp_path, **with_bot())) as desk:
        sam = await desk.visitor(identity=identity("sam", attributes={"plan": "free"}))
        for number in range(4):
            more = {f"k{number}": "x" * 1_500}
            tab = await desk.visitor(visitor=sam.token, attributes=more)
            assert (await tab.say("Hello", f"tab{number}")).status_code == 202
        found = await desk.api("GET", f"/conversations/{sam.conversation}")
        assert sorted(found.json()["user"]["attributes"]) == ["k3", "plan"]


async def test_attributes_that_pile_up_are_refused_before_the_token_grows(tmp_path: Path) -> None:
    async with running(configured(in_file(tmp_path), tmp_path)) as desk:
        sam = await desk.visitor(attributes={"a": "x" * 1_500})
        more = await desk.hello(visitor=sam.token, attributes={"b": "x" * 1_500})
        assert (more.status_code, list(more.json()["error"]["fields"])) == (422, ["attributes"])


async def test_the_longest_token_is_still_taken(tmp_path: Path) -> None:
    astral = "🙂" * 200
    async with running(configured(in_file(tmp_path), tmp_path)) as desk:
        sam = await desk.visitor(
            identity=identity(
                "sam", name=astral, email=astral, picture="https://x.example/" + "a" * 900
            ),
            attributes={"a": "🙂" * 500},
            page={"url": f"https://x.example/{astral * 5}", "title": astral},
        )
        assert (await sam.say("Hello")).status_code == 202
        again = await desk.visitor(visitor=sam.token)
        assert again.conversation == sam.conversation


async def test_identifying_joins_forward_only(tmp_path: Path) -> None:
    async with running(configured(in_file(tmp_path), tmp_path, **with_bot())) as desk:
        anonymous = await desk.visitor()
        await anonymous.say("A secret of whoever sits here")
        sam = await desk.visitor(visitor=anonymous.token, identity=identity("sam"))
        assert sam.token != anonymous.token
        assert sam.conversation != anonymous.conversation
        assert await sam.texts() == []
        await sam.say("I am Sam")
        elsewhere = await desk.visitor(identity=identity("sam"))
        assert await elsewhere.texts() == ["I am Sam"]
        assert await anonymous.texts() == ["A secret of whoever sits here"]


async def test_proof_makes_one_person_of_two_and_what_visitors_say_of_themselves_does_not(
    tmp_path: Path,
) -> None:
    form = '[[webchat.prechat]]\nname = "email"\n'
    settings = configured(in_file(tmp_path), tmp_path, UNLIMITED + form, **with_bot())
    async with running(settings) as desk:

        async def handoffs_before(conversation: str) -> int:
            view = await desk.process.now.reads.view(HandoffId(await desk.hand_over(conversation)))
            return given(view).earlier

        known = await desk.visitor(identity=identity("sam", email="s@example.com"))
        await known.say("I am Sam")
        assert await handoffs_before(known.conversation) == 0
        for more, before in (({}, 0), ({"identity": identity("sam")}, 1)):
            nobody = await desk.visitor(prechat={"email": "s@example.com"})
            await nobody.say("I say that I am Sam")
            for _ in range(2):
                await desk.visitor(visitor=nobody.token, **more)
            assert await handoffs_before(nobody.conversation) == before
            assert "I say that I am Sam" not in await known.texts()
        kim = await desk.visitor(visitor=known.token, identity=identity("kim"))
        await kim.say("I am Kim")
        again = await desk.visitor(visitor=nobody.token, identity=identity("kim"))
        assert again.conversation == kim.conversation
        assert await handoffs_before(kim.conversation) == 0


async def test_another_identity_never_sees_the_words_of_the_one_before(tmp_path: Path) -> None:
    async with running(configured(in_file(tmp_path), tmp_path, **with_bot())) as desk:
        sam = await desk.visitor(identity=identity("sam"))
        await sam.say("Sam's words")
        kim = await desk.visitor(visitor=sam.token, identity=identity("kim"))
        assert kim.conversation != sam.conversation
        assert await kim.texts() == []
        assert kim.told["conversation_id"] == (await desk.visitor(visitor=kim.token)).conversation


async def test_an_anonymous_address_is_never_an_identity(tmp_path: Path) -> None:
    """Nobody can take a name by choosing an address."""
    async with running(configured(in_file(tmp_path), tmp_path)) as desk:
        sam = await desk.visitor(identity=identity("sam"))
        for address in ("id:sam", "sam"):
            forged = Sessions([SECRET_KEY.encode()[::-1]]).issue(user_at(address), NOW)
            assert (await desk.visitor(visitor=forged)).conversation != sam.conversation


@pytest.mark.parametrize("mode", ["anonymous", "preferred"])
async def test_where_identity_is_not_required_anybody_may_come(tmp_path: Path, mode: str) -> None:
    settings = configured(in_file(tmp_path), tmp_path, WEBCHAT_IDENTITY=mode)
    async with running(settings) as desk:
        assert (await desk.hello()).status_code == 201
        assert (await desk.hello(identity=identity("sam"))).status_code == 201
        forged = await desk.hello(identity=identity("sam")[:-4] + "AAAA")
        assert (forged.status_code, forged.json()["error"]["code"]) == (401, "identity_invalid")


async def test_where_identity_is_required_only_the_identified_come(tmp_path: Path) -> None:
    settings = configured(in_file(tmp_path), tmp_path, WEBCHAT_IDENTITY="required")
    anonymous = Sessions(settings.secret_keys).issue(
        user_at(random_address()), time.time_ns() // 1_000
    )
    async with running(settings) as desk:
        for body in ({}, {"visitor": anonymous}):
            refused = await desk.hello(**body)
            assert refused.json()["error"]["code"] == "identity_required"
            assert refused.status_code == 401
        sam = await desk.visitor(identity=identity("sam"))
        assert (await desk.visitor(visitor=sam.token)).conversation == sam.conversation


async def test_where_identity_is_required_now_an_anonymous_token_of_before_is_401(
    tmp_path: Path,
) -> None:
    url = in_file(tmp_path)
    async with running(configured(url, tmp_path)) as desk:
        before, sam = await desk.visitor(), await desk.visitor(identity=identity("sam"))
        assert (await before.say("Hello")).status_code == 202
    async with running(configured(url, tmp_path, WEBCHAT_IDENTITY="required")) as desk:
        before.client = sam.client = desk.client
        for path, body in (("messages", {"client_id": "1", "text": "x"}), ("typing", {"on": True})):
            refused = await before.post(path, **body)
            assert (refused.status_code, refused.json()["error"]["code"]) == (401, "unauthorized")
        reading = await desk.client.get("/webchat/messages", headers=before.headers)
        assert reading.status_code == 401
        assert (await sam.say("Hello")).status_code == 202


async def test_an_expired_session_is_401_everywhere(tmp_path: Path) -> None:
    settings = configured(in_file(tmp_path), tmp_path, UNLIMITED)
    old = Sessions(settings.secret_keys).issue(user_at("a1"), NOW - LIFETIME)
    async with running(settings) as desk:
        for header in (f"Bearer {old}", "Bearer x", "Basic x", ""):
            headers = {"Authorization": header}
            for method, path in (
                ("GET", "messages"),
                ("POST", "messages"),
                ("GET", "stream"),
                ("POST", "typing"),
                ("POST", "read"),
                ("POST", "end"),
            ):
                url = f"/webchat/{path}"
                reply = await desk.client.request(method, url, headers=headers)
                assert (reply.status_code, reply.json()["error"]["code"]) == (401, "unauthorized")
