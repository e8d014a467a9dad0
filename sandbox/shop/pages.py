"""The shop's pages as HTML. Everything that is put in is escaped."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from html import escape
from pathlib import Path
from string import Template

from sandbox.shop.orders import ORDERS, Item, Order, day, euros

TEMPLATES = Path(__file__).parent / "templates"
NAVIGATION = (("orders", "/shop", "Orders"), ("returns", "/shop/returns", "Returns"),
              ("contact", "/shop/contact", "Contact"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Visit:
    """One look at a page: today's date, and the customer's identity token for the chat, if any."""

    today: date
    identity: str = ""


Page = Callable[[Visit], str]


def _template(file: str, /, **values: str) -> str:
    return Template((TEMPLATES / file).read_text("utf-8")).substitute(values)


def _frame(visit: Visit, title: str, here: str, body: str, order: str = "") -> str:
    links = "".join(
        f'<a href="{path}"{" aria-current=page" if key == here else ""}>{label}</a>'
        for key, path, label in NAVIGATION
    )
    identity = escape(visit.identity, quote=True)
    return _template(
        "frame.html", title=escape(title), navigation=links, body=body, order=order,
        identity=identity,
    )  # fmt: skip


def _picture(item: Item) -> str:
    return f'<img class="thumb" src="/demo-assets/{item.picture}" alt="" width="48" height="48">'


def _row(order: Order, today: date) -> str:
    item = order.items[0]
    name = escape(item.name) + (f" × {item.count}" if item.count > 1 else "")
    return _template(
        "row.html", number=str(order.number), picture=_picture(item), name=name, tone=order.tone,
        status=escape(order.status), placed=day(today, order.placed), total=euros(order.total),
    )  # fmt: skip


def orders_page(visit: Visit) -> str:
    """`/shop`: the table of orders."""
    rows = "".join(_row(order, visit.today) for order in ORDERS)
    return _frame(visit, "Your orders", "orders", _template("orders.html", rows=rows))


def _step(label: str, ago: int | None, today: date) -> str:
    state, when = ("done", day(today, ago)) if ago is not None else ("", "to come")
    return f'<li class="{state}"><strong>{escape(label)}</strong><span>{when}</span></li>'


def _line(item: Item) -> str:
    return _template(
        "line.html", picture=_picture(item), name=escape(item.name), detail=escape(item.detail),
        count=str(item.count), price=euros(item.price * item.count),
    )  # fmt: skip


def order_page(order: Order) -> Page:
    """`/shop/orders/{number}`: one order."""

    def page(visit: Visit) -> str:
        today = visit.today
        body = _template(
            "order.html", number=str(order.number), status=escape(order.status), tone=order.tone,
            note=escape(order.note), placed=day(today, order.placed), total=euros(order.total),
            shipping=euros(order.shipping) if order.shipping else "Free",
            steps="".join(_step(label, ago, today) for label, ago in order.steps),
            lines="".join(_line(item) for item in order.items),
        )  # fmt: skip
        return _frame(visit, f"Order {order.number}", "orders", body, str(order.number))

    return page


def fixed_page(name: str, title: str) -> Page:
    """A page whose text never changes: returns, contact."""
    return lambda visit: _frame(visit, title, name, _template(f"{name}.html"))


def missing_page(visit: Visit) -> str:
    """What an unknown address under /shop shows."""
    return _frame(visit, "Page not found", "", _template("missing.html"))


def shop_pages() -> dict[str, Page]:
    """Every page of the shop by its path."""
    pages: dict[str, Page] = {
        "/shop": orders_page,
        "/shop/returns": fixed_page("returns", "Returns"),
        "/shop/contact": fixed_page("contact", "Contact"),
    }
    return pages | {f"/shop/orders/{order.number}": order_page(order) for order in ORDERS}
