"""The built-in tools: typed functions with docstrings. Each is safe for any input, needs no network and answers at
once, except those in ONLINE, which the owner of an installation has to enable.

The signature is the schema (backend/tools/calls.py), so every argument states its meaning, its unit and
an example. A ValueError of a tool is a sentence for the model, which may then correct its call. They run in a
child process (backend/tools/runner.py): limits here give a quick and clear answer, the runner kills what hangs.
"""

from __future__ import annotations

from backend.tools.builtin.calculator import calculator
from backend.tools.builtin.catalogue import find_model
from backend.tools.builtin.chance import roll_dice
from backend.tools.builtin.clock import current_time, date_and_time
from backend.tools.builtin.currency import convert_currency
from backend.tools.builtin.orders import find_order, query_orders
from backend.tools.builtin.units import convert_units
from backend.tools.builtin.web import read_web_page
from backend.tools.builtin.writing import text_statistics
from backend.tools.calls import Function

FUNCTIONS: dict[str, Function] = {
    function.__name__: function
    for function in (
        *(current_time, date_and_time, calculator, convert_units, convert_currency),
        *(find_order, query_orders, text_statistics, roll_dice, find_model),
    )
}
ONLINE: dict[str, Function] = {"read_web_page": read_web_page}
# Examples: a question that needs the tool, and arguments to try it by hand.
EXAMPLES: dict[str, tuple[str, dict[str, object]]] = {
    "current_time": ("What time is it in Tokyo?", {"city_or_zone": "Tokyo"}),
    "date_and_time": ("Which weekday is 90 days after 13 February 2026?", {"moment": "2026-02-13", "add_days": 90}),
    "calculator": ("What is 17.5 % of 1,249?", {"expression": "0.175 * 1249"}),
    "convert_units": ("How many miles is a marathon of 42.195 km?", {"value": 42.195, "unit": "km", "to": "mi"}),
    "convert_currency": (
        "What are 250 dollars in euro?",
        {"amount": 250, "currency": "USD", "to": "EUR"},
    ),
    "find_order": ("Is order 1042 late?", {"number": 1042}),
    "query_orders": (
        "Which five customers bought for the most money?",
        {
            "sql": "SELECT c.name, round(sum(i.quantity * i.price), 2) AS total FROM customers c "
            "JOIN orders o ON o.customer = c.id JOIN items i ON i.order_number = o.number "
            "GROUP BY c.id ORDER BY total DESC LIMIT 5"
        },
    ),
    "text_statistics": ("How many r are in strawberry?", {"text": "strawberry", "count": "r"}),
    "roll_dice": ("Roll two dice for me.", {"dice": 2}),
    "read_web_page": ("What does https://example.com say?", {"url": "https://example.com/"}),
    "find_model": ("Which models read more than a million tokens?", {"min_context": 1_000_001}),
}
