"""One noun each: parse, call an operation or a queryset, shape the answer."""

from registries.wire.resolvers import (
    artifacts,
    automations,
    editing,
    home_changes,
    homes,
    member_changes,
    people,
    people_changes,
    run_changes,
    saving,
    server,
    using,
)

NOUNS = (
    artifacts,
    automations,
    editing,
    home_changes,
    homes,
    member_changes,
    people,
    people_changes,
    run_changes,
    saving,
    server,
    using,
)
