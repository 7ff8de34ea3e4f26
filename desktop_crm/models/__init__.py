"""The records and their declarations; the only package that knows peewee."""
