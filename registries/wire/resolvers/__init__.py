"""One noun each: parse, call an operation or a queryset, shape the answer."""

from registries.wire.resolvers import (
    artifacts,
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
