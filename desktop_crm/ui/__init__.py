"""The windows; the only package that knows Qt."""

from desktop_crm.ui.bare_qt import load_qt

load_qt()
