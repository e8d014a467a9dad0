"""The webchat's part of `deskbridge check`. Pure: its settings say it all."""

from __future__ import annotations

from urllib.parse import urlsplit

from bridge.findings import Check, Finding
from bridge.judgement import is_loopback
from bridge.ports import Patient

ORIGINS = Check("webchat.origins", "Webchat: origins")
SET = "Set WEBCHAT_ORIGINS to your site's address: https://www.shop.example"


def judge(patient: Patient) -> list[Finding]:
    if fault := patient.fault_in("WEBCHAT_ORIGINS", "PUBLIC_URL"):
        return [ORIGINS.skipped(fault)]
    settings = patient.settings
    return [of_origins(tuple(settings.webchat_origins), settings.public_url)]


def of_origins(origins: tuple[str, ...], public_url: str) -> Finding:
    parts = urlsplit(public_url)
    plain = [each for each in origins if each.startswith("http://") and not _is_local(each)]
    secure = [each for each in origins if each.startswith("https://")]
    if plain:
        return ORIGINS.warning(
            f"{', '.join(plain)}: what is written there is not encrypted",
            "Serve the site with https://, and name it so in WEBCHAT_ORIGINS",
        )
    if secure and parts.scheme == "http" and not _is_local(public_url):
        return ORIGINS.failed(
            f"pages with https:// may not load the widget from {parts.scheme}://{parts.hostname}",
            "Set PUBLIC_URL to an https:// address",
        )
    others = [each for each in origins if urlsplit(each).port != parts.port]
    if others and all(map(_is_local, origins)):
        told = f"only pages on this machine may carry the widget: {', '.join(origins)}"
        return ORIGINS.warning(told, SET)
    if all(urlsplit(each).hostname == parts.hostname or _is_local(each) for each in origins):
        return ORIGINS.warning("no site but our own address may carry the widget", SET)
    return ORIGINS.ok(", ".join(origins))


def _is_local(url: str) -> bool:
    return is_loopback(urlsplit(url).hostname or "")
