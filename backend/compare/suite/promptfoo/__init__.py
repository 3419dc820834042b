"""Suites of promptfoo: read as far as they are plain data, and written (docs/suites.md has the table)."""
