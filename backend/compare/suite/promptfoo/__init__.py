"""Suites of promptfoo: imported as far as they are plain data, and exported (docs/suites.md has the table)."""
