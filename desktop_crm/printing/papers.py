"""The sizes of paper a template may name, in mm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from desktop_crm.base.i18n import N_

if TYPE_CHECKING:
    from desktop_crm.printing.template import PaperKind

# Sizes: ISO 216 and 269; B5 as offices here call it; continuous forms of 9.5 in are parts of 11 in; ZL is GB/T 1416.
PAPERS: Final[dict[str, tuple[float, float, PaperKind]]] = {
    "A3": (297, 420, "sheet"), "A4": (210, 297, "sheet"), "A5": (148, 210, "sheet"), "A6": (105, 148, "sheet"), "B5": (176, 250, "sheet"),
    "letter": (215.9, 279.4, "sheet"),
    "A3-landscape": (420, 297, "sheet"), "A4-landscape": (297, 210, "sheet"), "A5-landscape": (210, 148, "sheet"), "A6-landscape": (148, 105, "sheet"),
    "B5-landscape": (250, 176, "sheet"), "letter-landscape": (279.4, 215.9, "sheet"),
    "continuous-1": (241, 279.4, "continuous"), "continuous-1/2": (241, 139.7, "continuous"), "continuous-1/3": (241, 93.1, "continuous"),
    "receipt-80": (80, 60, "roll"),
    "label-60x40": (60, 40, "label"), "label-100x70": (100, 70, "label"),
    "envelope-DL": (220, 110, "envelope"), "envelope-C5": (229, 162, "envelope"), "envelope-ZL": (230, 120, "envelope"),
}  # fmt: skip

PAPER_LABELS: Final = {
    "sheet": N_("Single sheets"), "continuous": N_("Continuous form"), "roll": N_("Receipt roll"), "label": N_("Label"), "envelope": N_("Envelope"),
}  # fmt: skip
KINDS: Final = tuple(PAPER_LABELS)
