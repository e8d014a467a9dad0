"""What commands are about."""

from bridge.commands import ToMessage, ToThread


def test_what_is_early_waits_under_the_name_of_its_thread_or_its_source() -> None:
    names = [to.key for to in (ToThread("T", "C", "1.0"), ToMessage(source="1.0"))]
    assert names == ["thread:T:C:1.0", "source:1.0"]
