"""How the import page is laid out: its steps, the cards of the second one, and the foot with the counts. What they do is in `import_page`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QStackedWidget

from desktop_crm.base.i18n import _, in_sentence
from desktop_crm.services.custom_fields import may_add_to
from desktop_crm.ui.editing import LinkSource
from desktop_crm.ui.import_choose import ChooseStep
from desktop_crm.ui.import_duplicates import DuplicatesCard
from desktop_crm.ui.import_file import FileCard
from desktop_crm.ui.import_mapping import MappingCard
from desktop_crm.ui.import_options import OptionsCard
from desktop_crm.ui.import_plans import PlanKeeper
from desktop_crm.ui.import_result import CountsBar, DoneStep, ProblemsCard
from desktop_crm.ui.import_steps import Steps
from desktop_crm.ui.import_values import ValuesCard
from desktop_crm.ui.importing_page import ImportingPage
from desktop_crm.ui.kit.widgets import Banner, Button, ElidedLabel, Label, box, column, hline, holder, row, scroll
from desktop_crm.ui.progress import JobProgress
from desktop_crm.ui.workbook_offer import WorkbookOffer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desktop_crm.services.importing import Options, Source
    from desktop_crm.ui.desk import Desk


class ImportLayout(ImportingPage):
    """The widgets of the import of one entity."""

    def __init__(self, desk: Desk, entity: str) -> None:
        super().__init__(desk)
        self.spec = desk.session.spec(entity)
        self.place = entity
        self.setObjectName("page.import")
        self.setWindowTitle(_("Import {entities}").format(entities=in_sentence(self.spec.plural)))
        self.build_up(self._build(), self._connect)

    def _connect(self) -> None:
        """Let the parts, which are all there, work together."""
        raise NotImplementedError

    def for_plan(self) -> tuple[Source, Options] | None:
        """Return what a plan is made of."""
        raise NotImplementedError

    def _build(self) -> Iterator[None]:
        self.steps = Steps([_("Choose file"), _("Match columns"), _("Duplicates and errors"), _("Done")], name="import.steps")
        self.leave = Button(_("Cancel"), "ghost", name="action.cancel", on_click=self.desk.go_back)
        self.keep = Button(_("Import plans"), "ghost", icon="bookmark-plus", name="import.plans", on_click=lambda: self.plans.open(self.keep))
        self.keep.hide()
        self.plans = PlanKeeper(self, self.desk, self.for_plan)
        head = row(Label(self.windowTitle(), "page"), 24, self.steps, None, self.keep, self.leave, margins=(20, 12, 20, 10))
        yield
        links = LinkSource(self.desk, self)
        self.choose = ChooseStep(self.spec.plural)
        yield
        self.file = FileCard()
        yield
        self.mapping, self.unknown = MappingCard(links, may_add=may_add_to(self.desk.session, self.spec.name)), ValuesCard(links)
        yield
        self.options, self.problems = OptionsCard(self.spec), ProblemsCard()
        yield
        self.duplicates = DuplicatesCard(self.spec)
        yield
        self.done = DoneStep()
        self.problem = Banner(name="import.match_problem")
        self.offer = WorkbookOffer(self.desk, self.spec.name)
        for one in (self.problem, self.unknown, self.problems, self.duplicates):
            one.hide()
        yield
        cards = (self.file, self.offer, self.problem, self.mapping, self.unknown, self.options, self.problems, self.duplicates)
        body = holder(column(*cards, None, gap=12, margins=(20, 12, 20, 16)))
        yield
        self.counts = CountsBar(name="import.counts")
        self.state = Label("", "small", "text2")
        self.save_refused = Button(_("Save refused rows…"), "ghost", icon="file-down", size="small", name="import.trial_refused")
        self.back = Button(_("Back"), name="import.back")
        self.go = Button("", "primary", icon="check", name="action.import")
        undo_note = ElidedLabel(_("Can be undone in one step"), "small", "text3")
        self.progress = JobProgress(name="import.progress")
        self.footer = holder(row((self.counts, 0), column(self.state, self.save_refused, gap=0), None, undo_note, self.back, self.go, gap=12, margins=(20, 10, 20, 10)))
        self.running = holder(column(self.progress, margins=(20, 10, 20, 10)))
        self.running.hide()
        yield
        self.area = scroll(body, name="import.area")
        match = holder(column((self.area, 1), hline(), box(column(self.footer, self.running, gap=0)), gap=0))
        self.stack = QStackedWidget()
        for page in (scroll(self.choose), match, scroll(self.done)):
            self.stack.addWidget(page)
        self.setLayout(column(box(head), hline(), (box(column((self.stack, 1), gap=0), "app"), 1), gap=0))
        yield
