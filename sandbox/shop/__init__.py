"""The demo's front: a shop with the widget on every page, and the page showing both sides."""
