"""Small pictures of templates, painted away from the window's thread."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter

from desktop_crm.base.errors import UserError
from desktop_crm.printing import store
from desktop_crm.printing.fields import sample_values, template_fields
from desktop_crm.printing.fonts import FontBook
from desktop_crm.printing.layout import compose
from desktop_crm.printing.parse import parse_leniently
from desktop_crm.ui.designer.versions import published_body
from desktop_crm.ui.mark_painter import PagePainter

if TYPE_CHECKING:
    from desktop_crm.printing.marks import Page
    from desktop_crm.printing.store import Stored
    from desktop_crm.services.session import Session
    from desktop_crm.ui.designer.document import Doc

WIDTH: Final = 232
HEIGHT: Final = 150
SHARP: Final = 2.0
"""Pixels of a picture for each logical one."""


def first_page(session: Session, doc: Doc) -> Page | None:
    """Return the first page of a template with sample values; None where it has none."""
    template, _problems = parse_leniently(doc)
    values = sample_values(template_fields(session.catalog, str(doc.get("prints", ""))))
    try:
        made = compose(template, values, fonts=FontBook(), lenient=True)
    except UserError:
        return None
    return made.pages[0] if made.pages else None


def picture_of(page: Page, width: int = WIDTH, height: int = HEIGHT) -> QImage:
    """Return a page as a picture that fits into `width` × `height` logical pixels; may run in any thread."""
    scale = min(width / page.width, height / page.height)
    image = QImage(round(page.width * scale * SHARP), round(page.height * scale * SHARP), QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
    PagePainter(painter, (scale * SHARP, scale * SHARP), screen=True).paint(page)
    painter.end()
    image.setDevicePixelRatio(SHARP)
    return image


def thumbnail(session: Session, held: Stored) -> QImage | None:
    """Return the picture of what a template prints now, or of its draft where it prints nothing yet."""
    doc = store.draft(session, held.name) if held.own and not held.number else published_body(session, held)
    page = first_page(session, json.loads(json.dumps(doc)))
    return picture_of(page) if page is not None else None
