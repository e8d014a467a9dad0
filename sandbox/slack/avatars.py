"""Avatars drawn as SVG initials, so that nothing is fetched from elsewhere."""

from html import escape

from sandbox.slack.model import User

TEMPLATE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 72 72" role="img" aria-label="{label}">'
    '<rect width="72" height="72" rx="{radius}" fill="#{color}"/>{picture}</svg>'
)
INITIALS = (
    '<text x="36" y="37" fill="#fff" font-family="system-ui,sans-serif" font-size="28" '
    'font-weight="600" text-anchor="middle" dominant-baseline="central">{initials}</text>'
)
BUBBLES = (
    '<path d="M18 20h28a6 6 0 0 1 6 6v12a6 6 0 0 1-6 6H32l-10 8v-8h-4a6 6 0 0 1-6-6V26a6 6 0 0 1 '
    '6-6z" fill="#fff"/><circle cx="24" cy="32" r="3" fill="#{color}"/><circle cx="32" cy="32" '
    'r="3" fill="#{color}"/><circle cx="40" cy="32" r="3" fill="#{color}"/>'
)


def initials(name: str) -> str:
    """At most two letters: of the first and the last word."""
    words = name.split()
    picked = words[:1] + words[1:][-1:]
    return "".join(word[0] for word in picked).upper()


def avatar_svg(user: User) -> str:
    """The picture of a person (initials) or of a bot (a speech bubble)."""
    letters = INITIALS.format(initials=escape(initials(user.real_name)))
    picture = BUBBLES.format(color=user.color) if user.is_bot else letters
    label = escape(user.real_name, quote=True)
    return TEMPLATE.format(label=label, radius=14, color=user.color, picture=picture)
