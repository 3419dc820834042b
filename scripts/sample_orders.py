"""Makes backend/data/orders.sqlite: the orders of a small shop, for the tools that look things up.

    python scripts/sample_orders.py [file]

Generated from a fixed seed, so every run makes the same rows. The data is as of AS_OF: an order that was not
delivered by then is under way, and late if the promised day has passed. Order 1042 is late by four days.
"""

from __future__ import annotations

import contextlib
import random
import sqlite3
import sys
from datetime import date, timedelta
from pathlib import Path

FILE = Path(__file__).parents[1] / "backend" / "data" / "orders.sqlite"
AS_OF = date(2026, 2, 13)
FIRST, LAST = 901, 1060
SCHEMA = """
CREATE TABLE about (as_of TEXT NOT NULL, currency TEXT NOT NULL);
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, city TEXT NOT NULL, country TEXT NOT NULL);
CREATE TABLE products (id INTEGER PRIMARY KEY, name TEXT NOT NULL, category TEXT NOT NULL, price REAL NOT NULL);
CREATE TABLE orders (
  number INTEGER PRIMARY KEY, customer INTEGER NOT NULL REFERENCES customers, ordered TEXT NOT NULL,
  promised TEXT NOT NULL, delivered TEXT, status TEXT NOT NULL, carrier TEXT NOT NULL
);
CREATE TABLE items (
  order_number INTEGER NOT NULL REFERENCES orders, product INTEGER NOT NULL REFERENCES products,
  quantity INTEGER NOT NULL, price REAL NOT NULL
);
CREATE INDEX items_of_order ON items (order_number);
"""
# fmt: off
NAMES = (
    "Ada Okafor", "Bram Visser", "Chiara Rossi", "Dmitri Kask", "Elif Demir", "Finn Larsen",
    "Grace Mbeki", "Hana Sato", "Ines Duarte", "Jonas Weber", "Kira Novak", "Liam Byrne",
    "Maya Patel", "Nils Holm", "Olga Petrova", "Pablo Ruiz", "Quynh Tran", "Rosa Lind",
    "Sami Haddad", "Tessa Moreau", "Umar Farouk", "Vera Horvat", "Wen Li", "Yusuf Aydin",
)
# fmt: on
CITIES = (
    ("Lagos", "Nigeria"),
    ("Utrecht", "Netherlands"),
    ("Turin", "Italy"),
    ("Tallinn", "Estonia"),
    ("Izmir", "Turkey"),
    ("Bergen", "Norway"),
    ("Porto", "Portugal"),
    ("Kyoto", "Japan"),
)
PRODUCTS = (
    ("Desk lamp", "Lighting", 49.0),
    ("Floor lamp", "Lighting", 129.0),
    ("Reading chair", "Furniture", 389.0),
    ("Oak shelf", "Furniture", 219.0),
    ("Side table", "Furniture", 149.5),
    ("Wool blanket", "Textiles", 89.0),
    ("Linen curtain", "Textiles", 64.9),
    ("Cotton rug", "Textiles", 174.0),
    ("Tea kettle", "Kitchen", 58.0),
    ("Chef's knife", "Kitchen", 96.5),
    ("Cast iron pan", "Kitchen", 72.0),
    ("Coffee grinder", "Kitchen", 134.0),
    ("Wall clock", "Decoration", 45.0),
    ("Vase", "Decoration", 38.0),
    ("Picture frame", "Decoration", 24.5),
)
CARRIERS = ("Northway", "Parcel Union", "Swift Cargo")
Order = tuple[int, int, str, str, str | None, str, str]


def main(file: Path) -> None:
    file.unlink(missing_ok=True)
    chance = random.Random(1042)
    with contextlib.closing(sqlite3.connect(file)) as database:
        database.executescript(SCHEMA)
        database.execute("INSERT INTO about VALUES (?, 'USD')", (AS_OF.isoformat(),))
        places = [(name, *CITIES[number % len(CITIES)]) for number, name in enumerate(NAMES)]
        database.executemany("INSERT INTO customers (name, city, country) VALUES (?, ?, ?)", places)
        database.executemany("INSERT INTO products (name, category, price) VALUES (?, ?, ?)", PRODUCTS)
        for number in range(FIRST, LAST + 1):
            database.execute("INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?, ?)", order(number, chance))
            database.executemany("INSERT INTO items VALUES (?, ?, ?, ?)", items(number, chance))
        database.commit()
        database.execute("VACUUM")


def order(number: int, chance: random.Random) -> Order:
    """One order: most are delivered, some of them late, a few cancelled; the newest are under way."""
    ordered = AS_OF - timedelta(days=round((LAST - number) * 0.75))
    promised = ordered + timedelta(days=chance.choice((5, 7, 7, 10)))
    arrived = promised + timedelta(days=chance.choice((-2, -1, -1, 0, 0, 0, 1, 3)))
    cancelled, customer, carrier = chance.random() < 0.06, chance.randint(1, len(NAMES)), chance.choice(CARRIERS)
    if number == 1042:  # the one in the examples
        promised, arrived, cancelled = AS_OF - timedelta(days=4), AS_OF + timedelta(days=2), False
    delivered = arrived.isoformat() if arrived <= AS_OF and not cancelled else None
    status = "cancelled" if cancelled else "delivered" if delivered else "in transit"
    return number, customer, ordered.isoformat(), promised.isoformat(), delivered, status, carrier


def items(number: int, chance: random.Random) -> list[tuple[int, int, int, float]]:
    """The items of an order, at the price of that day: some with ten percent off."""
    chosen = chance.sample(range(len(PRODUCTS)), chance.choice((1, 1, 2, 3)))
    if number == 1042:
        return [(number, 3, 1, 389.0), (number, 6, 2, 89.0)]
    return [
        (
            number,
            place + 1,
            chance.choice((1, 1, 1, 2, 4)),
            round(PRODUCTS[place][2] * chance.choice((1, 1, 0.9)), 2),
        )
        for place in chosen
    ]


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FILE)
