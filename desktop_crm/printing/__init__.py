"""Paper: document templates, their placeholders, the layout of pages, and the PDF. Knows no entity and no database."""
