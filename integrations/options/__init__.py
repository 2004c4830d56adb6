"""The integration options: declared once, stored as revisions, read as a snapshot (E6, E7).

``specs`` says what an option is, ``catalogue`` lists all of them, ``effects`` says what they do
together, ``revisions`` stores them, ``snapshots`` reads them, ``yaml_file`` and ``reference`` write
them down.
"""

from integrations.options.catalogue import OPTION_SPECS
from integrations.options.revisions import (
    Change,
    OptionsRefused,
    RevisionOutdated,
    change_options,
    difference,
    find_problems,
    find_spec,
    list_revisions,
    option_labels,
    publish_revision,
    restore_revision,
    situation_of,
)
from integrations.options.snapshots import (
    Options,
    active_options,
    options_at,
    options_read_once,
)
from integrations.options.specs import Group, Kind, OptionSpec, Situation, Surface

__all__ = [
    "OPTION_SPECS",
    "Change",
    "Group",
    "Kind",
    "OptionSpec",
    "Options",
    "OptionsRefused",
    "RevisionOutdated",
    "Situation",
    "Surface",
    "active_options",
    "change_options",
    "difference",
    "find_problems",
    "find_spec",
    "list_revisions",
    "option_labels",
    "options_at",
    "options_read_once",
    "publish_revision",
    "restore_revision",
    "situation_of",
]
