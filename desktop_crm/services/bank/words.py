"""How sure a proposal is, in words."""

from typing import Final

from desktop_crm.base.i18n import N_

SURENESS: Final = {"sure": N_("Sure"), "likely": N_("Likely"), "doubtful": N_("Doubtful"), "none": N_("No match")}
