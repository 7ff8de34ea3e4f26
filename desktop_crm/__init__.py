"""Desktop CRM: customers, contracts and receivables of a small company."""

__version__ = "0.1.0"
