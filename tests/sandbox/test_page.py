"""The workspace's page in a real browser: what an agent does in Slack works here."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, FilePayload, Page, expect

from sandbox.slack import seed
from tests.sandbox.page_stage import Stage, Visit, stage, visit, words

PAGE = Path(__file__).parents[2] / "sandbox" / "slack" / "page"


@pytest.fixture
async def slack() -> AsyncIterator[Stage]:
    async with stage() as served:
        yield served


@pytest.fixture
async def ana(browser: Browser, slack: Stage) -> AsyncIterator[Visit]:
    """Ana's browser, not yet anywhere."""
    async with visit(browser, slack.base) as opened:
        yield opened


async def post_card(slack: Stage) -> str:
    """The app posts a card with buttons and one reply below it."""
    claim = {"type": "button", "action_id": "claim", "text": words("Assign to me")}
    text = {"type": "mrkdwn", "text": "*Sam Rivera* · My parcel never arrived"}
    answer = await slack.app.call(
        "chat.postMessage", channel=seed.ORDERS, text="Waiting: Sam Rivera",
        blocks=[{"type": "section", "text": text}, {"type": "actions", "elements": [claim]}],
    )  # fmt: skip
    root = str(answer["ts"])
    await slack.app.call(
        "chat.postMessage", channel=seed.ORDERS, thread_ts=root, text="Where is my parcel?",
        username="Sam Rivera · customer", icon_emoji=":large_blue_circle:",
    )  # fmt: skip
    return root


async def open_as_ana(visit: Visit, slack: Stage, query: str = "") -> Page:
    await visit.page.goto(f"{slack.base}/?as={seed.ANA}&channel={seed.ORDERS}{query}")
    await expect(visit.page.locator(".channel-pane .composer-input")).to_be_visible()
    return visit.page


async def test_messages_are_shown_with_names_and_without_markup(ana: Visit, slack: Stage) -> None:
    async with slack.person(seed.BEN) as ben:
        await ben.say(seed.ORDERS, "@Ana see #general :tada: *now* <script>alert(1)</script>")
    page = await open_as_ana(ana, slack)
    message = page.locator(".channel-pane .message")
    await expect(message).to_contain_text("@Ana see #general")
    await expect(message).to_contain_text("<script>alert(1)</script>")
    await expect(message.locator("strong", has_text="now")).to_be_visible()
    await expect(message.locator("img.emoji[alt='🎉']")).to_be_visible()


async def test_a_new_message_appears_by_itself(ana: Visit, slack: Stage) -> None:
    page = await open_as_ana(ana, slack)
    await post_card(slack)
    await expect(page.locator(".channel-pane .message")).to_contain_text("My parcel never arrived")
    await expect(page.locator(".thread-line")).to_contain_text("1 reply")


async def test_a_thread_opens_and_a_reply_is_posted(ana: Visit, slack: Stage) -> None:
    root = await post_card(slack)
    page = await open_as_ana(ana, slack)
    await page.locator(".thread-line").click()
    thread = page.locator(".thread-pane")
    await expect(thread).to_contain_text("Where is my parcel?")
    await thread.locator(".composer-input").fill("I am looking")
    await thread.locator(".composer-input").press("Shift+Enter")
    await thread.locator(".composer-input").press_sequentially("into it")
    await thread.locator(".composer-input").press("Enter")
    await expect(thread.locator(".message").last).to_contain_text("I am looking")
    async with slack.person(seed.ANA) as person:
        assert (await person.thread(seed.ORDERS, root))[-1]["text"] == "I am looking\ninto it"


async def test_a_slash_command_in_a_thread_is_refused_and_kept(ana: Visit, slack: Stage) -> None:
    root = await post_card(slack)
    page = await open_as_ana(ana, slack, f"&thread={root}")
    composer = page.locator(".thread-pane .composer-input")
    await composer.fill("/desk queue")
    await composer.press("Enter")
    refused = page.locator(".thread-pane .composer-error")
    await expect(refused).to_have_text("/desk is not supported in threads. Sorry!")
    await expect(composer).to_have_value("/desk queue")


async def test_a_slash_command_in_the_channel_answers_only_its_author(
    ana: Visit, slack: Stage
) -> None:
    page = await open_as_ana(ana, slack)
    composer = page.locator(".channel-pane .composer-input")
    await composer.press_sequentially("/de")
    await expect(page.locator(".suggestion")).to_contain_text("online|away|queue")
    await composer.press("Enter")
    await composer.press_sequentially("online")
    await composer.press("Enter")
    answer = page.locator(".message.ephemeral")
    await expect(answer).to_contain_text("Only visible to you")
    await expect(answer).to_contain_text("You are online.")
    assert (await slack.app.of_type("slash"))["text"] == "online"


async def test_a_button_reaches_the_app_and_the_card_changes(ana: Visit, slack: Stage) -> None:
    await post_card(slack)
    page = await open_as_ana(ana, slack)
    await page.get_by_role("button", name="Assign to me").click()
    await expect(page.locator(".channel-pane .message")).to_contain_text("Assigned to Ana")
    action = await slack.app.of_type("block_actions")
    assert action["user"]["id"] == seed.ANA
    assert action["actions"][0]["action_id"] == "claim"


async def test_a_modal_shows_errors_and_sends_what_was_entered(ana: Visit, slack: Stage) -> None:
    await post_card(slack)
    page = await open_as_ana(ana, slack)
    await page.locator(".channel-pane .message").hover()
    await page.get_by_role("button", name="More actions").click()
    await page.get_by_role("menuitem", name="Handoff…").click()
    dialog = page.locator("dialog.modal")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_role("alert")).to_have_count(3)
    await dialog.locator("[data-block=who] .select").click()
    await dialog.get_by_role("option", name="Ben Okafor").click()
    await dialog.locator("[data-block=tag] .select").click()
    await dialog.get_by_role("textbox", name="Find…").press_sequentially("ref")
    await dialog.get_by_role("option", name="refund").click()
    await dialog.get_by_role("textbox", name="Reason").fill("no")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_role("alert")).to_have_text("Say a little more.")
    await dialog.get_by_role("textbox", name="Reason").fill("He knows the courier")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_have_count(0)
    values = (await slack.app.of_type("view_submission"))["view"]["state"]["values"]
    assert values["who"]["user"]["selected_user"] == seed.BEN
    assert values["tag"]["label"]["selected_option"]["value"] == "refund"
    assert values["why"]["text"]["value"] == "He knows the courier"


async def test_reactions_are_counted_added_and_taken_back(ana: Visit, slack: Stage) -> None:
    root = await post_card(slack)
    async with slack.person(seed.BEN) as ben:
        await ben.react(seed.ORDERS, root, "eyes")
    page = await open_as_ana(ana, slack)
    pile = page.locator(".channel-pane [data-reaction=eyes]")
    await expect(pile).to_have_text("1")
    await pile.click()
    await expect(pile).to_have_text("2")
    await pile.click()
    await expect(pile).to_have_text("1")


async def test_ones_own_message_is_edited_and_deleted(ana: Visit, slack: Stage) -> None:
    page = await open_as_ana(ana, slack)
    composer = page.locator(".channel-pane .composer-input")
    await composer.fill("Good mornin")
    await composer.press("Enter")
    message = page.locator(".channel-pane .message")
    await expect(message).to_contain_text("Good mornin")
    await composer.press("ArrowUp")
    await page.get_by_role("textbox", name="Edit message").fill("Good morning")
    await page.keyboard.press("Enter")
    await expect(message).to_contain_text("(edited)")
    await message.hover()
    await page.get_by_role("button", name="More actions").click()
    await page.get_by_role("menuitem", name="Delete message…").click()
    await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(message).to_have_count(0)


async def test_a_file_is_attached_and_shown(ana: Visit, slack: Stage) -> None:
    page = await open_as_ana(ana, slack)
    dot = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4"><path d="M0 0h4v4z"/></svg>'
    chosen = FilePayload(name="label.svg", mimeType="image/svg+xml", buffer=dot)
    await page.locator(".channel-pane input[type=file]").set_input_files([chosen])
    await expect(page.locator(".chip:not(.busy)")).to_have_text("label.svg")
    await page.locator(".channel-pane .composer-input").press("Enter")
    await expect(page.locator(".file-image img")).to_be_visible()


async def test_mentions_elsewhere_are_counted_until_read(ana: Visit, slack: Stage) -> None:
    page = await open_as_ana(ana, slack)
    async with slack.person(seed.CHLOE) as chloe:
        await chloe.say(seed.GENERAL, "@Ana lunch?")
    await expect(page.locator(f"[data-channel={seed.GENERAL}] .badge")).to_have_text("1")
    await expect(page.locator(".toast")).to_contain_text("lunch?")
    await page.locator(f"[data-channel={seed.GENERAL}]").click()
    await expect(page.locator(".sidebar .badge")).to_have_count(0)
    await page.reload()
    await expect(page.locator(f"[data-channel={seed.ORDERS}]")).to_be_visible()
    await expect(page.locator(".sidebar .badge")).to_have_count(0)


async def test_a_thread_one_wrote_in_is_marked_new_until_it_is_opened(
    ana: Visit, slack: Stage
) -> None:
    root = await post_card(slack)
    async with slack.person(seed.ANA) as herself:
        await herself.reply(seed.ORDERS, root, "On it")
    page = await open_as_ana(ana, slack)
    await slack.app.call("chat.postMessage", channel=seed.ORDERS, thread_ts=root, text="Thank you!")
    await expect(page.locator(".thread-line")).to_contain_text("New")
    await page.locator(".thread-line").click()
    await expect(page.locator(".thread-pane")).to_contain_text("Thank you!")
    await expect(page.locator(".thread-line")).not_to_contain_text("New")


async def test_a_long_channel_shows_its_end_first_and_more_when_asked(
    ana: Visit, slack: Stage
) -> None:
    async with slack.person(seed.BEN) as ben:
        for number in range(205):
            await ben.say(seed.ORDERS, f"Line {number}.")
    page = await open_as_ana(ana, slack)
    await expect(page.get_by_text("Line 204.")).to_be_in_viewport()
    await expect(page.get_by_text("Line 4.")).to_have_count(0)
    await page.get_by_role("button", name="Show earlier messages").click()
    await expect(page.get_by_text("Line 4.")).to_have_count(1)


async def test_somebody_unknown_becomes_the_first_agent(ana: Visit, slack: Stage) -> None:
    await ana.page.goto(f"{slack.base}/?as=U0NOBODY")
    await expect(ana.page.get_by_role("button", name="You are: Ana")).to_be_visible()


async def test_one_switches_to_another_person_without_reloading(ana: Visit, slack: Stage) -> None:
    page = await open_as_ana(ana, slack)
    await page.get_by_role("button", name="You are: Ana").click()
    await page.get_by_role("menuitem", name="Ben Okafor").click()
    await expect(page.get_by_role("button", name="You are: Ben")).to_be_visible()
    await page.locator(".channel-pane .composer-input").fill("It is me")
    await page.locator(".channel-pane .composer-input").press("Enter")
    await expect(page.locator(".channel-pane .message .author")).to_have_text("Ben")


async def test_the_apps_home_is_opened_and_follows_what_it_publishes(
    ana: Visit, slack: Stage
) -> None:
    page = await open_as_ana(ana, slack)
    await page.locator("[data-home]").click()
    await expect(page.locator(".home-body")).to_contain_text("Nothing here yet")
    assert (await slack.app.of_type("app_home_opened"))["user"] == seed.ANA
    for text in ("2 waiting", "1 waiting"):
        view = {"type": "home", "blocks": [{"type": "header", "text": words(text)}]}
        await slack.app.call("views.publish", user_id=seed.ANA, view=view)
        await expect(page.locator(".home-body h3")).to_have_text(text)


async def test_reading_older_messages_is_not_disturbed_by_new_ones(
    ana: Visit, slack: Stage
) -> None:
    async with slack.person(seed.BEN) as ben:
        for number in range(40):
            await ben.say(seed.ORDERS, f"Line {number}")
        page = await open_as_ana(ana, slack)
        scroller = page.locator(".channel-pane .messages")
        await expect(page.get_by_text("Line 39")).to_be_in_viewport()
        await scroller.evaluate("node => { node.scrollTop = 200 }")
        await expect(page.get_by_text("Line 39")).not_to_be_in_viewport()
        before = await scroller.evaluate("node => node.scrollTop")
        await ben.say(seed.ORDERS, "Line 40")
    await expect(page.get_by_role("button", name="New messages")).to_be_visible()
    assert await scroller.evaluate("node => node.scrollTop") == before
    await page.get_by_role("button", name="New messages").click()
    await expect(page.get_by_text("Line 40")).to_be_in_viewport()


async def test_after_a_reset_of_the_workspace_everything_is_read_anew(
    ana: Visit, slack: Stage
) -> None:
    await post_card(slack)
    page = await open_as_ana(ana, slack)
    await expect(page.locator(".channel-pane .message")).to_have_count(1)
    slack.box.reset()
    await expect(page.locator(".channel-pane .message")).to_have_count(0)


async def test_on_a_phone_channels_are_behind_a_button_and_threads_cover_all(
    browser: Browser, slack: Stage
) -> None:
    root = await post_card(slack)
    async with visit(browser, slack.base, 390) as phone:
        page = await open_as_ana(phone, slack)
        await expect(page.locator(".sidebar")).not_to_be_visible()
        await page.get_by_role("button", name="Channels").click()
        await page.locator(f"[data-channel={seed.BILLING}]").click()
        await expect(page.locator(".channel-pane h1")).to_have_text("desk-billing")
        await page.goto(f"{slack.base}/?as={seed.ANA}&channel={seed.ORDERS}&thread={root}")
        await expect(page.locator(".thread-pane")).to_be_visible()
        await expect(page.locator(".channel-pane")).not_to_be_visible()
        width = await page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390


def test_no_script_of_the_page_parses_data_as_markup() -> None:
    for script in PAGE.glob("*.js"):
        source = script.read_text("utf-8")
        for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
            assert word not in source, (script.name, word)
