"""Spreadsheets in and lists out."""
