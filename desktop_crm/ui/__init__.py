"""The windows; the only package that knows Qt."""

from desktop_crm.ui.swift import plain_imports

plain_imports()
