"""What stands over a page: toasts, popovers, dialogs."""

from desktop_crm.ui.kit.dialogs import ConfirmDialog, Dialog, ErrorDialog, confirm
from desktop_crm.ui.kit.popover import Callout, Popover
from desktop_crm.ui.kit.toasts import TaskToast, Toast, Toasts

__all__ = ["Callout", "ConfirmDialog", "Dialog", "ErrorDialog", "Popover", "TaskToast", "Toast", "Toasts", "confirm"]
