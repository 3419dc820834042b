"""Generic elements of a page, independent of this product: Markdown, streams, copy buttons, heat maps."""
