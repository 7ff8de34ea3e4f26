"""The verbs and options of the command line."""

from __future__ import annotations

import argparse
from typing import Any, Final, NoReturn

from desktop_crm import __version__
from desktop_crm.base.i18n import LANGUAGES, N_, _
from desktop_crm.cli.answers import Usage

PROGRAM: Final = "desktop-crm"

OF_ARGPARSE: Final = (
    N_("the following arguments are required: %s"),
    N_("expected one argument"),
    N_("expected at least one argument"),
    N_("unrecognized arguments: %s"),
    N_("invalid choice: %(value)r (choose from %(choices)s)"),
    N_("invalid %(type)s value: %(value)r"),
    N_("argument %(argument_name)s: %(message)s"),
    N_("ambiguous option: %(option)s could match %(matches)s"),
    N_("not allowed with argument %s"),
    N_("one of the arguments %s is required"),
    N_("ignored explicit argument %r"),
    N_("usage: "),
    N_("positional arguments"),
    N_("options"),
    N_("show this help message and exit"),
)
"""What argparse says by itself, so that it is translated with the rest."""


class Parser(argparse.ArgumentParser):
    """Parses the command line and raises Usage instead of ending the program."""

    def error(self, message: str) -> NoReturn:
        """Raise Usage with the short help above the message."""
        raise Usage(f"{self.format_usage().rstrip()}\n{message}")


def count(text: str) -> int:
    """Return a whole number from 0 on."""
    number = int(text)
    if number < 0:
        raise ValueError(text)
    return number


def make_parser() -> Parser:
    """Return the parser, with its help in the language in use."""
    # argparse asks the C locale's gettext by default, which doesn't know this program's language.
    argparse._ = _  # type: ignore[attr-defined]
    parser = Parser(prog=PROGRAM, description=_("Customers, contracts and receivables. Without a verb the window opens"), allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    parser.add_argument("--demo", action="store_true", help=_("open the demo company"))
    _common(parser)
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", parser_class=Parser)

    def verb(name: str, text: str) -> Parser:
        made: Parser = verbs.add_parser(name, help=text, description=text, allow_abbrev=False)
        _common(made)
        return made

    _company_verbs(verb)
    _import_verb(verb)
    _list_verbs(verb)
    _finance_verbs(verb)
    _workbook_verbs(verb)
    _paper_verbs(verb)
    _history_verbs(verb)
    return parser


def _common(parser: Parser) -> None:
    """Add the options that stand before or after the verb."""
    none: Any = argparse.SUPPRESS
    parser.add_argument("--db", metavar="URL", default=none, help=_("the company: a file, or mysql://user@server/name (default: the last one opened)"))
    parser.add_argument("--user", metavar="NAME", default=none, help=_("who signs in; the password comes from DESKTOP_CRM_PASSWORD, the password store or a prompt"))
    parser.add_argument("--lang", choices=sorted(LANGUAGES), default=none, help=_("the language of headings and messages"))
    parser.add_argument("--json", action="store_true", default=none, help=_("answer with one JSON object"))


def _company_verbs(verb: Any) -> None:
    init = verb("init", _("make an empty company"))
    init.add_argument("--admin", metavar="NAME", default="", help=_("sign-in name of the administrator"))
    init.add_argument("--company", metavar="NAME", default="", help=_("name of the company"))
    sample = verb("sample", _("fill the company with invented records"))
    sample.add_argument("--customers", type=count, required=True, metavar="N")
    sample.add_argument("--seed", type=int, default=1, metavar="S")
    backup = verb("backup", _("write the whole company to a file, or by the plan of this computer without FILE"))
    backup.add_argument("file", metavar="FILE", nargs="?", help=_("ends in {ending} by custom").format(ending=".crmbackup"))
    backup.add_argument("--list", action="store_true", help=_("list the backups in the folders of the plan"))
    restore = verb("restore", _("make a company from a backup"))
    restore.add_argument("file", metavar="FILE")
    restore.add_argument("--show", action="store_true", help=_("say what the backup holds and restore nothing"))
    restore.add_argument("--replace", action="store_true", help=_("put it in the place of the company file that is there, which is backed up and kept aside"))
    for made in (backup, restore):
        made.add_argument("--password-from", metavar="FILE", help=_(
            "read the password of the backup from the first line of a file, - for standard input (default: DESKTOP_CRM_BACKUP_PASSWORD)"))
    move = verb("move", _("copy the company to another place or server"))
    move.add_argument("--from", dest="origin", metavar="URL")
    move.add_argument("--to", dest="target", metavar="URL", required=True)
    check = verb("check", _("prove that the company is in order"))
    check.add_argument("--repair", action="store_true", help=_("make sums, search keys and triggers anew first"))
    check.add_argument("--quick", action="store_true", help=_("look at the file and what the program keeps for itself, not at every record"))
    tested = verb("self-test", _("prove that the program works here, on an invented company that is thrown away"))
    tested.add_argument("--no-window", action="store_true", help=_("leave the window out"))
    user = verb("user", _("who works with the company"))
    actions = user.add_subparsers(dest="action", metavar="ACTION", required=True, parser_class=Parser)
    for name, text in (("add", _("add a user")), ("disable", _("keep a user from signing in")), ("password", _("set a user's password")), ("list", _("list users"))):
        made = actions.add_parser(name, help=text, description=text, allow_abbrev=False)
        _common(made)
        if name != "list":
            made.add_argument("login", metavar="LOGIN")
        if name == "add":
            made.add_argument("--name", default="", help=_("the user's name"))
            made.add_argument("--role", default="sales", choices=("admin", "manager", "sales", "finance", "viewer"))
            made.add_argument("--department", default="", metavar="NAME")
        if name in ("add", "password"):
            made.add_argument("--password-from", metavar="FILE", help=_("read the new password from the first line of a file, - for standard input"))


def _import_verb(verb: Any) -> None:
    imported = verb("import", _("take over a list from a workbook or text file"))
    imported.add_argument("entity", metavar="ENTITY")
    imported.add_argument("file", metavar="FILE")
    imported.add_argument("--sheet", metavar="NAME")
    imported.add_argument("--heading-row", "--header-row", dest="header_row", type=count, metavar="N", help=_("the row with the headings, counted from 1"))
    imported.add_argument("--table", type=count, metavar="N", help=_("which table, where several stand on the sheet, counted from 1"))
    imported.add_argument("--encoding", metavar="NAME", help=_("how the characters of a text file are written, such as utf-8, gb18030, big5"))
    imported.add_argument("--separator", metavar="CHARACTER", help=_("what stands between the cells of a text file; the word tab for a tab"))
    imported.add_argument("--password-from", metavar="FILE", help=_("read the password of the file from the first line of another one, - for standard input"))
    imported.add_argument("--map", action="append", default=[], metavar="HEADING=FIELD", help=_("which field a column is; nothing after = leaves it out"))
    imported.add_argument("--match", metavar="FIELD", help=_("the fields that tell duplicates, separated by commas"))
    imported.add_argument("--split", action="append", default=[], metavar="HEADING=FIELD,FIELD[@HOW]", help=_(
        "take a column apart: by place, by person (name and numbers) or by the separator given; found by the values where it is not"))
    imported.add_argument("--join", action="append", default=[], metavar="FIELD=HEADING+HEADING", help=_("put columns together, as a surname and a given name"))
    imported.add_argument("--fixed", action="append", default=[], metavar="FIELD=VALUE", help=_("what a field gets where the list says nothing"))
    imported.add_argument("--value", action="append", default=[], metavar="FIELD:FROM=TO", help=_("what to read in the place of a value; nothing after = leaves it out"))
    imported.add_argument("--plan", metavar="NAME", help=_("a saved import plan; what else is given goes before it"))
    imported.add_argument("--save-plan", metavar="NAME", help=_("keep these choices as an import plan"))
    imported.add_argument("--on-duplicate", choices=("skip", "update", "fill", "add"), help=_("for a row that is there already (default: skip)"))
    imported.add_argument("--on-similar", choices=("skip", "update", "fill", "add"), help=_("for a row whose name is nearly that of a record (default: add)"))
    imported.add_argument("--refused", metavar="FILE", help=_("write the refused rows to a workbook, with the reasons, to be put right and imported again"))
    imported.add_argument("--duplicates", metavar="FILE", help=_("write the duplicates to a workbook, field by field"))
    imported.add_argument("--keep-good", action="store_true", help=_("import the good rows where others are refused"))
    imported.add_argument("--create-links", action="store_true", help=_("make linked records that are not there"))
    imported.add_argument("--dry-run", action="store_true", help=_("try it out and keep nothing"))


def _list_verbs(verb: Any) -> None:
    exported = verb("export", _("write a list as .xlsx or .csv"))
    exported.add_argument("entity", metavar="ENTITY")
    exported.add_argument("file", metavar="FILE")
    exported.add_argument("--for-editing", action="store_true", help=_("write it so that it can be changed in Excel and brought back"))
    _list_options(exported)
    listed = verb("list", _("list records"))
    listed.add_argument("entity", metavar="ENTITY")
    _list_options(listed)
    listed.add_argument("--limit", type=count, metavar="N")
    listed.add_argument("--offset", type=count, default=0, metavar="N")


def _finance_verbs(verb: Any) -> None:
    statement = verb("bank", _("read a bank's statement, say whose money each line is, and post what is sure"))
    statement.add_argument("file", metavar="FILE")
    statement.add_argument("--sheet", metavar="NAME")
    statement.add_argument("--header-row", type=count, metavar="N", help=_("the row with the headings, counted from 1"))
    statement.add_argument("--encoding", metavar="NAME")
    statement.add_argument("--map", action="append", default=[], metavar="HEADING=COLUMN", help=_("what a column is; remembered for these headings"))
    statement.add_argument("--account", metavar="NUMBER", default="", help=_("our account, where the file doesn't say it"))
    statement.add_argument("--post", action="store_true", help=_("post what is sure as receipts"))
    statement.add_argument("--sure", choices=("sure", "likely"), default="sure", help=_("how sure a line must be to be posted"))
    written = verb("tax-workbook", _("write requests for invoices to the workbook the tax bureau takes"))
    written.add_argument("file", metavar="FILE")
    written.add_argument("--id", dest="ids", type=count, action="append", default=[], metavar="N", help=_("a request; all that wait where none is named"))
    issued = verb("tax-issued", _("take over the invoices that the tax bureau issued"))
    issued.add_argument("file", metavar="FILE")
    issued.add_argument("--sheet", metavar="NAME")
    issued.add_argument("--header-row", type=count, metavar="N", help=_("the row with the headings, counted from 1"))
    issued.add_argument("--encoding", metavar="NAME")
    issued.add_argument("--accept", action="store_true", help=_("take over those that differ from their request too"))
    issued.add_argument("--dry-run", action="store_true", help=_("try it out and keep nothing"))


def _workbook_verbs(verb: Any) -> None:
    whole = verb("import-company", _("take over all related lists of one workbook: customers, contacts, contracts with their lines and plans, receivables"))
    whole.add_argument("file", metavar="FILE")
    whole.add_argument("--sheet", action="append", default=[], metavar="SHEET=ENTITY", help=_("what a sheet holds; nothing after = leaves it out"))
    whole.add_argument("--on-duplicate", choices=("skip", "update", "fill", "add"), default="skip")
    whole.add_argument("--keep-good", action="store_true", help=_("import the good rows where others are refused"))
    whole.add_argument("--create-links", action="store_true", help=_("make linked records that are not there"))
    whole.add_argument("--refused", metavar="FILE", help=_("write the refused rows to a workbook, with the reasons"))
    whole.add_argument("--dry-run", action="store_true", help=_("try it out and keep nothing"))
    blank = verb("template-workbook", _("write a workbook to fill in and import"))
    blank.add_argument("entity", metavar="ENTITY|company")
    blank.add_argument("file", metavar="FILE")
    blank.add_argument("--no-example", action="store_true", help=_("without the rows that show how"))
    back = verb("bring-back", _("take over a list that was exported with --for-editing and changed in Excel"))
    back.add_argument("file", metavar="FILE")
    back.add_argument("--delete-missing", action="store_true", help=_("delete the records whose rows were removed"))
    back.add_argument("--conflicts", choices=("mine", "theirs"), help=_("which value a field gets that somebody else changed as well: the file's or theirs"))
    back.add_argument("--dry-run", action="store_true", help=_("only show the differences"))


def _list_options(parser: Parser) -> None:
    parser.add_argument("--search", metavar="TEXT", default="")
    parser.add_argument("--where", action="append", default=[], metavar="FIELD=VALUE", help=_("also with != >= <= > <; may be repeated"))
    parser.add_argument("--sort", metavar="FIELD", help=_("a leading - sorts downwards"))
    parser.add_argument("--descending", action="store_true")
    parser.add_argument("--columns", metavar="A,B,C")


def _paper_verbs(verb: Any) -> None:
    report = verb("report", _("work out a report"))
    report.add_argument("name", metavar="NAME")
    for option, dest in (("--as-of", "as_of"), ("--from", "from_"), ("--to", "to")):
        report.add_argument(option, dest=dest, metavar="DATE")
    for option in ("--customer", "--owner", "--department"):
        report.add_argument(option, metavar="NAME")
    report.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help=_("another setting of the report"))
    report.add_argument("--xlsx", metavar="FILE")
    report.add_argument("--pdf", metavar="FILE")
    printed = verb("print", _("print documents to PDF files"))
    printed.add_argument("template", metavar="TEMPLATE", help=_("the short name of a template (see “template list”), or a template file"))
    printed.add_argument("--id", dest="ids", type=count, action="append", default=[], metavar="N")
    printed.add_argument("--where", action="append", default=[], metavar="FIELD=VALUE", help=_("also with != >= <= > <; may be repeated"))
    printed.add_argument("--period", metavar="PERIOD", help=_("the documents of a period: 2026-06, 2026, 2026-06-01..2026-06-15, last_month …"))
    printed.add_argument("--sort", metavar="FIELD", help=_("a leading - sorts downwards"))
    printed.add_argument("--customer", metavar="NAME")
    printed.add_argument("--all", action="store_true", help=_("all there are; statements and dunning letters for everybody they concern"))
    printed.add_argument("--each", nargs="?", const=True, default=False, metavar="FOLDER", help=_("a file for each document, in this folder or the one that --pdf names"))
    printed.add_argument("--name", dest="name_rule", default="{{ title }}", metavar="RULE", help=_("how these files are called, such as “{{ number }} {{ customer.title }}”"))
    printed.add_argument("--anyway", action="store_true", help=_("leave out what is wrong in the template or can't be filled, and say what"))
    printed.add_argument("--start", type=count, metavar="N", help=_("the place of the first label on its sheet, from 1"))
    printed.add_argument("--from", dest="from_", metavar="DATE")
    printed.add_argument("--to", metavar="DATE")
    printed.add_argument("--pdf", metavar="FILE", default="")
    _template_verbs(verb)


def _template_verbs(verb: Any) -> None:
    templates = verb("template", _("the templates of printed documents"))
    actions = templates.add_subparsers(dest="action", metavar="ACTION", required=True, parser_class=Parser)
    texts = {
        "list": _("list the templates"), "show": _("show a template and its versions"), "export": _("write a template to a file"), "import": _("take a template over from a file"),
        "check": _("say everything that is wrong with a template or a template file"), "duplicate": _("start a template from another one"),
        "publish": _("make the draft of a template what prints from now on"),
    }  # fmt: skip
    for name, text in texts.items():
        made = actions.add_parser(name, help=text, description=text, allow_abbrev=False)
        _common(made)
        if name == "list":
            made.add_argument("--prints", metavar="ENTITY", help=_("only those of one entity or report"))
        elif name == "import":
            made.add_argument("file", metavar="FILE")
            made.add_argument("--publish", action="store_true", help=_("publish it at once"))
        else:
            made.add_argument("name", metavar="TEMPLATE")
        if name == "export":
            made.add_argument("file", metavar="FILE")
        if name == "duplicate":
            made.add_argument("--label", default="", metavar="NAME")
        if name == "publish":
            made.add_argument("--remark", default="", metavar="TEXT")


def _history_verbs(verb: Any) -> None:
    history = verb("history", _("who changed what of a record"))
    history.add_argument("entity", metavar="ENTITY")
    history.add_argument("id", type=count, metavar="ID")
    undo = verb("undo", _("take back an action"))
    undo.add_argument("change_set", type=count, metavar="CHANGE_SET")
    undo.add_argument("--with-later", action="store_true", help=_("take back the later actions that stand in the way as well"))
    close = verb("close", _("close the books through a day: nothing dated until then changes any more"))
    close.add_argument("day", metavar="DATE")
    reopen = verb("reopen", _("reopen the books after a day, or all of them"))
    reopen.add_argument("day", metavar="DATE", nargs="?")
    log = verb("log", _("what was done in the company, the latest first"))
    log.add_argument("--entity", metavar="ENTITY")
    log.add_argument("--search", metavar="TEXT", default="")
    log.add_argument("--limit", type=count, default=100, metavar="N")
    log.add_argument("--offset", type=count, default=0, metavar="N")
    prune = verb("prune", _("remove the history that is older than the company keeps it"))
    prune.add_argument("--dry-run", action="store_true", help=_("only say how much that would be"))
