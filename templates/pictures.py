"""Pictures of the templates that ship, for `docs/papers.md`: ``python -m templates.pictures``."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path
from typing import Final

from PIL import Image
from PySide6.QtCore import QBuffer, QByteArray, QSize
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter
from PySide6.QtPdf import QPdfDocument

from desktop_crm.base.i18n import use_language
from desktop_crm.printing.documents import CHINESE, load_template, make_pdf
from desktop_crm.printing.fonts import FontBook
from tests.printing.library import document, in_english

DOCS: Final = Path(__file__).resolve().parent.parent / "docs"
FOLDER: Final = DOCS / "images" / "papers"
DPI: Final = 72
SHADES: Final = 32
LABELS: Final = 7


def picture(pdf: bytes) -> QImage:
    """Return the first page of a PDF on white, with a thin frame."""
    data = QByteArray(pdf)
    buffer = QBuffer(data)
    buffer.open(QBuffer.OpenModeFlag.ReadOnly)
    pages = QPdfDocument()
    pages.load(buffer)
    size = pages.pagePointSize(0)
    drawn = pages.render(0, QSize(round(size.width() * DPI / 72), round(size.height() * DPI / 72)))
    flat = QImage(drawn.size(), QImage.Format.Format_RGB32)
    flat.fill(QColor("white"))
    painter = QPainter(flat)
    painter.drawImage(0, 0, drawn)
    painter.setPen(QColor("#c5ccd6"))
    painter.drawRect(0, 0, flat.width() - 1, flat.height() - 1)
    painter.end()
    pages.close()
    return flat


def _save(drawn: QImage, path: Path) -> None:
    """Write a PNG of a few shades: a third of the size, and nobody sees it."""
    drawn.save(str(path))
    with Image.open(path) as whole:
        few = whole.convert("RGB").quantize(SHADES)
    few.save(path, optimize=True)


def main() -> None:
    """Write a picture of each template and the page that shows them."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QGuiApplication([])
    FOLDER.mkdir(parents=True, exist_ok=True)
    book = FontBook(system=False)
    parts = ["# The papers that ship\n", "Each in Chinese and in English, printed with invented data; `NAME_tw` is the Chinese one in Traditional Chinese. How one is written: [templates.md](templates.md). These pictures are made by `python -m templates.pictures`.\n"]
    use_language("en")
    for name, label in CHINESE.items():
        row = []
        for one in (name, f"{name}_en"):
            template = load_template(one)
            values = document(template.prints, "usual")
            out = BytesIO()
            make_pdf(template, [in_english(values) if template.language == "en" else values] * (LABELS if template.labels else 1), out, fonts=book)
            _save(picture(out.getvalue()), FOLDER / f"{one}.png")
            row.append(f"![{one}](images/papers/{one}.png)")
        parts.append(f"## {label}\n\n`{name}`, `{name}_en`\n\n" + " ".join(row) + "\n")
    (DOCS / "papers.md").write_text("\n".join(parts), encoding="utf-8")
    del application


if __name__ == "__main__":
    main()
