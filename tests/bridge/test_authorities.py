"""Whom TLS trusts."""

import ssl

from bridge.authorities import authorities


def test_certificates_are_asked_for_and_names_compared() -> None:
    context = authorities.__wrapped__()  # read anew: what is kept may be from another test
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.get_ca_certs()
    assert authorities() is authorities()
