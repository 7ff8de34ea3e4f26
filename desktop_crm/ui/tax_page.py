"""Invoices through the tax bureau: requests out, issued invoices in, and the columns of the workbook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QStackedWidget, QWidget

from desktop_crm.base.i18n import _
from desktop_crm.ui.desk import Desk, Page
from desktop_crm.ui.kit.widgets import Label, TabItem, Tabs, box, column, hline, row
from desktop_crm.ui.tax_columns import ColumnsTab
from desktop_crm.ui.tax_issued import IssuedTab
from desktop_crm.ui.tax_requests import RequestsTab

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


TABS: Final = ("requests", "issued", "columns")


class TaxPage(Page):
    """Three tabs; the header shows the buttons of the one that is open."""

    place = "tax"

    def __init__(self, desk: Desk, *, tab: str = "requests") -> None:
        super().__init__(desk)
        self.setObjectName("page.tax")
        self.setWindowTitle(_("Tax invoicing"))
        self.requests, self.issued, self.columns = RequestsTab(desk), IssuedTab(desk), ColumnsTab(desk)
        self.tabs = Tabs([TabItem("requests", _("To be issued")), TabItem("issued", _("Issued invoices")), TabItem("columns", _("Columns of the workbook"))], name="tax.tabs", label=_("Part"))
        self.stack = QStackedWidget()
        self.parts: tuple[RequestsTab | IssuedTab | ColumnsTab, ...] = (self.requests, self.issued, self.columns)
        for part in self.parts:
            self.stack.addWidget(part)
        buttons: list[QWidget] = [button for part in self.parts for button in part.buttons]
        head = row(Label(self.windowTitle(), "page"), None, *buttons, gap=8, margins=(20, 10, 20, 6))
        self.setLayout(column(box(column(head, row(self.tabs, None, margins=(20, 0, 20, 0)), gap=0)), hline(), (box(column((self.stack, 1), gap=0), "surface"), 1), gap=0))
        self.tabs.chosen.connect(self.turn)
        self.issued.taken_over.connect(lambda: desk.show_list("invoice"))
        self.columns.load()
        self.requests.load()
        self.tabs.set_current(tab)
        self.turn(tab)

    def turn(self, tab: str) -> None:
        """Open a tab."""
        self.stack.setCurrentIndex(TABS.index(tab))
        for key, part in zip(TABS, self.parts, strict=True):
            for button in part.buttons:
                button.setVisible(key == tab)
        if tab == "requests":
            self.requests.load()
        elif tab == "issued":
            self.issued.show_buttons()

    def refresh(self, entities: set[str]) -> None:
        """Read the requests anew once anything they say changed."""
        if not entities or entities & {"invoice_request", "invoice_request_line", "invoice", "invoice_title", "customer", "company", "receivable", "file_layout"}:
            self.when_seen(self.requests.load)

    def shortcuts(self) -> Mapping[str, Callable[[], object]]:
        """F5 reads anew, Ctrl+E writes the workbook, Ctrl+I reads the issued list."""
        return {"refresh": self.requests.load, "export": self.requests.write, "import": lambda: self.tabs.set_current("issued")}
