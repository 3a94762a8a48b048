"""One noun each: parse, call an operation or a queryset, shape the answer."""

from registries.wire.resolvers import homes, people, server

NOUNS = (homes, people, server)
