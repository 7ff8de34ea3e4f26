"""Data safety: how the backups stand, their plan, restoring, checking the company, moving it to another place."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from desktop_crm.base.i18n import _
from desktop_crm.services import backups, feed, policy
from desktop_crm.ui.desk import Desk, Page
from desktop_crm.ui.kit.widgets import Label, box, column, hline, holder, row, scroll
from desktop_crm.ui.safety_backups import BackupCard, Standing
from desktop_crm.ui.safety_check import CheckCard
from desktop_crm.ui.safety_move import MoveCard
from desktop_crm.ui.safety_plan import PlanCard
from desktop_crm.ui.safety_restore import RestoreDialog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

WIDEST = 1000


class SafetyPage(Page):
    """With `checking` the company is checked at once, as after an end that wasn't expected."""

    place = "safety"

    def __init__(self, desk: Desk, *, checking: bool = False) -> None:
        super().__init__(desk)
        self.setObjectName("page.safety")
        self.setWindowTitle(_("Data safety"))
        self.backups: BackupCard | None = None
        self.plan: PlanCard | None = None
        self.check: CheckCard | None = None
        self.build_up(self._build(), partial(self._begin, checking=checking))

    def _build(self) -> Iterator[None]:
        """Make the page, then card by card what this person may do."""
        desk = self.desk
        cards = column(gap=12, margins=(20, 16, 20, 20))
        inner = holder(cards)
        inner.setMaximumWidth(WIDEST)
        area = scroll(holder(row((inner, 1), gap=0)), name="safety.area")
        head = row(Label(_("Data safety"), "page"), Label(_("Backups, restoring, checking and moving the company"), "small", "text3"), None, margins=(20, 12, 20, 10))
        self.setLayout(column(box(head), hline(), (box(column((area, 1), gap=0), "app"), 1), gap=0))
        yield
        if policy.may_back_up(desk.session):
            self.backups = BackupCard(desk, self.restore)
            cards.addWidget(self.backups)
            yield
            self.plan = PlanCard(desk, self._load)
            cards.addWidget(self.plan)
            yield
        if policy.may_check(desk.session):
            self.check = CheckCard(desk)
            cards.addWidget(self.check)
            yield
        self.move_card = MoveCard(desk)
        cards.addWidget(self.move_card)
        cards.addStretch(1)
        yield

    def _begin(self, *, checking: bool) -> None:
        self._load()
        session = self.desk.session
        self.desk.operations.read(self, lambda: feed.company_name(session), self._have_name, key="company", failed=self.desk.fail)
        if checking and self.check is not None:
            self.check.check()

    def _have_name(self, name: str) -> None:
        self.move_card.company = name

    def _load(self) -> None:
        if self.backups is not None:
            self.backups.load(self._standing)

    def _standing(self, found: Standing) -> None:
        if self.plan is not None:
            self.plan.show_plan(found.plan, backups.backup_folder(found.plan, self.desk.session.url))

    def restore(self, path: Path) -> RestoreDialog:
        """Show what a backup holds, with the way to restore it."""
        dialog = RestoreDialog(self, self.desk, path)
        dialog.show()
        return dialog

    def crumbs(self) -> list[tuple[str, Callable[[], object] | None]]:
        """Return where the page stands."""
        return [(_("Data safety"), None)]

    def shortcuts(self) -> Mapping[str, Callable[[], object]]:
        """F5 reads anew."""
        return {"refresh": partial(self._load)}
