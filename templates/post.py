"""Envelopes and labels of customers."""

from __future__ import annotations

from typing import Final

from templates.kit import GREY, Element, Words, band, box, template, text, wrapped

ENVELOPES: Final = {"zl": ("ZL", 230.0, 120.0), "dl": ("DL", 220.0, 110.0), "c5": ("C5", 229.0, 162.0)}
LABEL: Final = {"width": 70, "height": 37, "kind": "label", "margins": {"top": 3, "right": 4, "bottom": 2, "left": 5}}
SHEET: Final = {"sheet": {"size": "A4", "margins": {"top": 0.5, "right": 0, "bottom": 0.5, "left": 0}}, "across": 3, "down": 8}
"""24 labels of 70 × 37 mm on A4, the most usual sheet."""


def envelope(t: Words, kind: str) -> Element:
    """Return an envelope as GB/T 1416 has it: the addressee's postal code in red boxes on the left, the sender on the lower right.

    The boxes and the place of the stamp are printed on Chinese envelopes already, so they are shown on the screen only.
    """
    name, width, height = ENVELOPES[kind]
    inner = {"top": 8, "right": 10, "bottom": 8, "left": 12}
    wide, high = width - 22, height - 16
    boxes: list[Element] = []
    for at in range(6):
        boxes.append(box(at * 9.5, 0, 8, 9, thickness=0.3, color="#c23b3b", preprinted=True))
        boxes.append(text(at * 9.5, 0, 8, 9, f"{{{{ postal_code|sign({at + 1}) }}}}", 15, align="center"))
    middle = high * 0.32
    elements = [
        *(boxes if t.chinese else []),
        box(wide - 22, 0, 22, 25, thickness=0.3, color="#c23b3b", preprinted=True),
        text(wide - 21, 9, 20, 6, t("贴邮票处", "stamp"), 8, align="center", color="#c23b3b", preprinted=True),
        *_addressee(t, middle, wide - 54),
        text(wide - 112, high - 16, 112, 5.5, "{{ company.name }}", 11, align="right"),
        text(wide - 112, high - 10, 112, 5, "{{ company.address }}", 9.5, align="right", color=GREY),
        text(wide - 112, high - 5, 112, 5, t("电话：{{ company.phone }}", "Tel. {{ company.phone }}"), 9.5, align="right", color=GREY, when="company.phone"),
    ]
    paper = {"size": f"envelope-{name}", "margins": inner}
    return template(t, f"envelope_{kind}", f"Envelope {name}", "customer", paper, {"document_header": band(high, elements)})


def _addressee(t: Words, y: float, width: float) -> list[Element]:
    """Return whom the letter is for: in China from the place down to the person, elsewhere the other way round."""
    name = "{{ name }}"
    if t.chinese:
        person = text(24, y + 18.5, width, 8, "{{ contact_person }}{{ '　（收）' if contact_person }}", 14)
        return [text(24, y, width, 7, "{{ full_address }}", 13), text(24, y + 8.5, width, 8, name, 16, bold=True), person]
    place = text(24, y + 24, width, 6, "{{ postal_code }} {{ city }}{{ ', ' if city and country }}{{ country }}", 12)
    return [text(24, y, width, 8, name, 15, bold=True), text(24, y + 9, width, 6, "{{ 'Attn. ' if contact_person }}{{ contact_person }}", 12), text(24, y + 16, width, 7, "{{ address }}", 12), place]


def label(t: Words) -> Element:
    """Return an address label, many to a sheet."""
    elements = band(
        31,
        text(0, 0, 61, 6, "{{ name }}", 11, bold=True),
        wrapped(0, 7, 61, 10, t("{{ full_address }}", "{{ address }}"), 9, overflow="shrink"),
        text(0, 18, 61, 5, t("{{ contact_person }}{{ '　收' if contact_person }}", "{{ 'Attn. ' if contact_person }}{{ contact_person }}"), 10),
        text(0, 24, 40, 5, "{{ mobile|default(phone) }}", 9),
        text(40, 24, 21, 5, "{{ postal_code }}", 9, align="right"),
    )
    return template(t, "customer_label", "Address labels", "customer", LABEL, {"document_header": elements}, labels=SHEET)
