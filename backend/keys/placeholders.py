"""`${name}` placeholders for values that must not appear in a text that is shown or saved."""

from __future__ import annotations

import re

PLACEHOLDER = re.compile(r"\$\{([\w:. -]{1,100})\}")
