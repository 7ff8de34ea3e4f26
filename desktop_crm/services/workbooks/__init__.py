"""Spreadsheets as the office has them: untrusted files in, tables out, and lists written to Excel and CSV."""
