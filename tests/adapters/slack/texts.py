"""What people may write and be called, for Hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

EVIL = "<!channel> @here <@U123ABC> <#C123|x> <!subteam^S1> <https://x.io|y> &amp; *b* `c` \x00\x07"
TEXT = st.one_of(
    st.text(max_size=300),
    st.text(st.sampled_from("<>@!#&|^UC12*_~`:;\n \u202e\u200d😀é"), max_size=120),
    st.sampled_from([EVIL, "😀" * 300, "&" * 2_900, "\x00" * 50, " ", "x" * 2_900]),
)
LONG = st.sampled_from(["&" * 4_500, "😀" * 3_100, "<!here>" * 500, "a" * 6_000])
