"""Invoices through the tax bureau: requests out, issued invoices in, and the columns of the workbook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from PySide6.QtWidgets import QStackedWidget

from desktop_crm.base.i18n import _
from desktop_crm.ui.desk import Desk, Page
from desktop_crm.ui.kit.widgets import Label, TabItem, Tabs, box, column, hline, row
from desktop_crm.ui.tax_columns import ColumnsTab
from desktop_crm.ui.tax_issued import IssuedTab
from desktop_crm.ui.tax_requests import RequestsTab

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


Part = RequestsTab | IssuedTab | ColumnsTab
PARTS: Final[dict[str, type[Part]]] = {"requests": RequestsTab, "issued": IssuedTab, "columns": ColumnsTab}
READ: Final = frozenset({"invoice_request", "invoice_request_line", "invoice", "invoice_title", "customer", "company", "receivable", "file_layout"})
"""What the requests that wait say something of."""


class TaxPage(Page):
    """Three tabs; the header shows the buttons of the one that is open."""

    place = "tax"

    def __init__(self, desk: Desk, *, tab: str = "requests") -> None:
        super().__init__(desk)
        self.setObjectName("page.tax")
        self.setWindowTitle(_("Tax invoicing"))
        self._parts: dict[str, Part] = {}
        self.build_up(self._build(tab))

    def _build(self, tab: str) -> Iterator[None]:
        """Make the header, then the part that is open behind it."""
        self.tabs = Tabs([TabItem("requests", _("To be issued")), TabItem("issued", _("Issued invoices")), TabItem("columns", _("Columns of the workbook"))], name="tax.tabs", label=_("Part"))
        self.stack, self._buttons = QStackedWidget(), row(gap=8)
        head = row(Label(self.windowTitle(), "page"), None, self._buttons, gap=8, margins=(20, 10, 20, 6))
        self.setLayout(column(box(column(head, row(self.tabs, None, margins=(20, 0, 20, 0)), gap=0)), hline(), (box(column((self.stack, 1), gap=0), "surface"), 1), gap=0))
        yield
        self._part(tab)
        yield
        self.tabs.chosen.connect(self.turn)
        self.tabs.set_current(tab)
        self.turn(tab)

    def _part(self, tab: str) -> Part:
        """Return a part, made when it is first asked for."""
        made = self._parts.get(tab)
        if made is None:
            made = self._parts[tab] = PARTS[tab](self.desk)
            for button in made.buttons:
                button.hide()
                self._buttons.addWidget(button)
            self.stack.addWidget(made)
            if isinstance(made, IssuedTab):
                made.taken_over.connect(lambda: self.desk.show_list("invoice"))
            elif isinstance(made, ColumnsTab):
                made.load()
        return made

    @property
    def requests(self) -> RequestsTab:
        """What is to be issued."""
        return cast("RequestsTab", self._part("requests"))

    @property
    def issued(self) -> IssuedTab:
        """What the bureau issued."""
        return cast("IssuedTab", self._part("issued"))

    @property
    def columns(self) -> ColumnsTab:
        """The columns of the workbook."""
        return cast("ColumnsTab", self._part("columns"))

    def turn(self, tab: str) -> None:
        """Open a tab."""
        opened = self._part(tab)
        self.stack.setCurrentWidget(opened)
        for part in self._parts.values():
            for button in part.buttons:
                button.setVisible(part is opened)
        if isinstance(opened, RequestsTab):
            opened.load()
        elif isinstance(opened, IssuedTab):
            opened.show_buttons()

    def refresh(self, entities: set[str]) -> None:
        """Read the requests anew once anything they say changed."""
        if "requests" in self._parts and (not entities or entities & READ):
            self.when_seen(self.requests.load)

    def shortcuts(self) -> Mapping[str, Callable[[], object]]:
        """F5 reads anew, Ctrl+E writes the workbook, Ctrl+I reads the issued list."""
        if not self.built:
            return {}
        return {"refresh": self.requests.load, "export": self.requests.write, "import": lambda: self.tabs.set_current("issued")}
