"""Parts of a page that know nothing of this product: Markdown, streams, copy buttons, heat maps."""
