"""What is stored encrypted can be read with each of the keys, and with no other."""

from __future__ import annotations

from bridge.vault import Vault

OLD, NEW = b"an old secret key of thirty-two ch", b"a new secret key of thirty-two cha"


def test_after_a_rotation_the_old_key_still_reads_and_the_new_one_writes() -> None:
    kept = Vault([OLD]).shut("whsec_x")
    assert "whsec_x" not in kept
    assert Vault([NEW, OLD]).open(kept) == "whsec_x"
    assert Vault([NEW]).open(kept) is None
    assert Vault([NEW]).open(Vault([NEW, OLD]).shut("whsec_y")) == "whsec_y"
    assert Vault([NEW]).open("no token") is None
