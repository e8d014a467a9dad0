"""Who is turned away is told once in an hour, and nobody can flood the log."""

from structlog.testing import capture_logs

from adapters.webchat.strangers import HOUR, KNOWN, LONGEST, Strangers

NOW = 1_763_700_000_000_000


def test_each_origin_is_told_once_in_an_hour_with_what_lets_it_in() -> None:
    strangers = Strangers()
    with capture_logs() as said:
        for at in (NOW, NOW + 1, NOW + HOUR - 1, NOW + HOUR):
            strangers.came("https://shop.example", at)
        strangers.came("https://other.example", NOW + 2)
    assert [(line["log_level"], line["origin"]) for line in said] == [
        ("warning", "https://shop.example"),
        ("warning", "https://shop.example"),
        ("warning", "https://other.example"),
    ]
    assert "WEBCHAT_ORIGINS" in said[0]["remedy"]


def test_made_up_origins_do_not_fill_the_log() -> None:
    strangers = Strangers()
    with capture_logs() as said:
        for number in range(3 * KNOWN):
            strangers.came(f"https://{number}.example/" + "x" * 1_000, NOW)
    assert len(said) == KNOWN
    assert all(len(line["origin"]) <= LONGEST for line in said)
