"""The widget kit: plain Qt widgets in the product's look. It knows no services, no database and no entity."""
