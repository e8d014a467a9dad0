"""The shop's orders: what its pages show. Dates are counted from today, so they never look old."""

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Item:
    """One line of an order; `price` in euro cents, `picture` a file in assets/."""

    name: str
    detail: str
    picture: str
    price: int
    count: int = 1


@dataclass(frozen=True, slots=True)
class Order:
    """An order. `placed` is days ago; `steps` are (label, days ago or None when still to come)."""

    number: int
    placed: int
    status: str
    tone: str
    note: str
    items: tuple[Item, ...]
    steps: tuple[tuple[str, int | None], ...]
    shipping: int = 490

    @property
    def total(self) -> int:
        """Euro cents, shipping included."""
        return self.shipping + sum(item.price * item.count for item in self.items)


def day(today: date, ago: int) -> str:
    """`18 November`, so many days ago (negative: to come)."""
    then = today - timedelta(days=ago)
    return f"{then.day} {then:%B}"


def euros(cents: int) -> str:
    """`€184.90`."""
    return f"€{cents / 100:,.2f}"


BOOTS = Item("Fjell hiking boots", "Size 43 · bark brown", "boots.svg", 17900)
TENT = Item("Tarn 2 tent", "Two people · 1.6 kg", "tent.svg", 32900)
PACK = Item("Ridgeline 45 backpack", "45 litres · moss", "backpack.svg", 14900)
LANTERN = Item("Ember lantern", "Rechargeable · 30 hours", "lantern.svg", 2900, 2)
JACKET = Item("Skarn rain jacket", "Size M · harbour blue", "jacket.svg", 18900)
MUG = Item("Enamel mug", "350 ml · cream", "mug.svg", 1290, 4)

ORDERS: tuple[Order, ...] = (
    Order(
        1012, 0, "Order placed", "new", "We start packing tomorrow morning.", (JACKET,),
        (("Placed", 0), ("Packed", None), ("With the courier", None), ("Delivered", None)),
    ),
    Order(
        1011, 1, "Packing", "new", "Leaves our warehouse today.", (LANTERN,),
        (("Placed", 1), ("Packed", None), ("With the courier", None), ("Delivered", None)),
    ),
    Order(
        1010, 2, "Shipped", "moving", "Handed to the courier yesterday.", (PACK,),
        (("Placed", 2), ("Packed", 2), ("With the courier", 1), ("Delivered", None)),
    ),
    Order(
        1009, 5, "On its way", "moving", "The courier reports a delay at the depot.", (BOOTS,),
        (("Placed", 5), ("Packed", 4), ("With the courier", 3), ("Delivered", None)),
    ),
    Order(
        1008, 9, "Delivered", "done", "Left with your neighbour at number 12.", (TENT,),
        (("Placed", 9), ("Packed", 8), ("With the courier", 7), ("Delivered", 5)), 0,
    ),
    Order(
        1007, 16, "Delivered", "done", "Delivered to your door.", (MUG,),
        (("Placed", 16), ("Packed", 15), ("With the courier", 14), ("Delivered", 12)),
    ),
)  # fmt: skip
