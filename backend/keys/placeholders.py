"""`${name}` in a text that is shown and kept, where a value stands that is neither."""

from __future__ import annotations

import re

PLACEHOLDER = re.compile(r"\$\{([\w:. -]{1,100})\}")
