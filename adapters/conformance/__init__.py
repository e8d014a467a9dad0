"""The contracts of `bridge.ports.Channel` and `bridge.ports.Desk` as tests, for anybody's adapters:

    @pytest.mark.parametrize("promise", conformance.CHANNEL, ids=conformance.name)
    async def test_the_channel_keeps_its_promises(promise):
        async with my_channel_before_a_stand_in() as case:   # a ChannelCase
            await promise(case)

`DESK` with a `DeskCase` is the same. Each promise is a function of the case that raises
AssertionError saying what was not kept; each wants a fresh case. A promise that is about what an
adapter does not claim to do (its traits, its capabilities, what the case has no means for) holds.
"""

from adapters.conformance.channels import CHANNEL, ChannelCase
from adapters.conformance.desks import DESK, DeskCase
from adapters.conformance.promises import REMEDIES, name

__all__ = ["CHANNEL", "DESK", "REMEDIES", "ChannelCase", "DeskCase", "name"]
