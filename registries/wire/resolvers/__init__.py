"""One noun each: parse, call an operation or a queryset, shape the answer."""

from registries.wire.resolvers import homes, people, run_changes, server

NOUNS = (homes, people, run_changes, server)
