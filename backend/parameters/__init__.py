"""The one table of parameters: their names, values and meanings, and which models list them.

The panel, the request, validation, share links, the address and help are loops over PARAMETERS. A value of None
is not sent: the server decides.
"""

from backend.parameters.fitting import Fitted, body, fit, merged
from backend.parameters.parameter import STOP_LIMIT, VALUE, Group, Parameter
from backend.parameters.table import GROUPS, PARAMETERS, parameter_named, parameters_of

__all__ = [
    "GROUPS",
    "PARAMETERS",
    "STOP_LIMIT",
    "VALUE",
    "Fitted",
    "Group",
    "Parameter",
    "body",
    "fit",
    "merged",
    "parameter_named",
    "parameters_of",
]
