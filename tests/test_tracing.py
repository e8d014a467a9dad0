import sys


def test_what_is_not_beside_the_bridge_is_not_traced() -> None:
    """Else it takes three times as long, and nobody sees why."""
    assert "coverage" not in type(sys.gettrace()).__module__
