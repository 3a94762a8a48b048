"""One noun each: parse, call an operation or a queryset, shape the answer."""

from registries.wire.resolvers import (
    artifacts,
    homes,
    people,
    run_changes,
    saving,
    server,
    using,
)

NOUNS = (artifacts, homes, people, run_changes, saving, server, using)
