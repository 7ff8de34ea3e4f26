"""How sizes, instants and what an archive holds are said on the pages about the safety of the data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from desktop_crm.base.i18n import _

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    from desktop_crm.domain.catalog import EntitySpec
    from desktop_crm.services.archives import Manifest

UNITS: Final = ("B", "KB", "MB", "GB", "TB")
STEP: Final = 1024


def size_text(size: int) -> str:
    """Return a size in bytes as people say it: 3.2 MB."""
    amount, unit = float(size), 0
    while amount >= STEP and unit < len(UNITS) - 1:
        amount, unit = amount / STEP, unit + 1
    return f"{amount:.0f} {UNITS[unit]}" if unit == 0 or amount >= 100 else f"{amount:.1f} {UNITS[unit]}"  # noqa: PLR2004 - three figures are enough


def instant_text(instant: datetime, today: date) -> str:
    """Return an instant in local time; today's only by the hour."""
    local = instant.astimezone()
    clock = local.strftime("%H:%M")
    return _("today {time}").format(time=clock) if local.date() == today else f"{local.date().isoformat()} {clock}"


def held(manifest: Manifest, entities: Iterable[EntitySpec]) -> list[tuple[str, int]]:
    """Return how many records of each main entity an archive holds, by the entity's name in the plural."""
    return [(spec.plural, manifest.tables[spec.name].rows) for spec in entities if spec.group and spec.name in manifest.tables]


def compared(manifest: Manifest, entities: Iterable[EntitySpec], present: Mapping[str, int]) -> list[tuple[str, int, int]]:
    """Return (entity, records in the archive, records now) for each main entity."""
    return [(spec.plural, manifest.tables[spec.name].rows if spec.name in manifest.tables else 0, present.get(spec.name, 0)) for spec in entities if spec.group]
