"""The entities of the company, one declaration a file. A new one is entered in this list."""

from __future__ import annotations

from importlib import import_module
from typing import Final

ENTITIES: Final = (
    "company",
    "department",
    "user",
    "customer",
    "invoice_title",
    "contact",
    "opportunity",
    "product",
    "contract",
    "contract_line",
    "instalment",
    "receivable",
    "bank_line",
    "receipt",
    "allocation",
    "invoice_request",
    "invoice_request_line",
    "invoice",
    "invoice_cover",
    "activity",
    "confirmation",
    "saved_view",
    "file_layout",
    "print_template",
    "print_template_version",
    "print_log",
    "import_plan",
    "custom_field",
)


def load_entities() -> None:
    """Import every declaration, so that it registers itself."""
    for name in ENTITIES:
        import_module(f"{__name__}.{name}")
