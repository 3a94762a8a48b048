"""Every GraphQL document of the installed SDK is one that our schema knows."""

from __future__ import annotations

from collections import defaultdict

from graphql import GraphQLError, GraphQLSchema, build_schema, parse, validate

from registries.wire.errors import Malformed
from registries.wire.limits import check_rows
from registries.wire.schema import SDL, understood
from tests.needs import lacks
from tests.sdk.documents import CORE, PYTHON, UNKNOWN, found
from tests.sdk.place import HOW_TO_GET_IT, IS_HERE

SWEEPS = """
core: EnqueueSweepRun SweepConfig SweepRunsWithHistory SweepWatchedRuns UpsertSweepState
python: CreateAgent EnqueueSweepRun GetAgentRuns GetSweep GetSweepAgent GetSweepAgents
python: GetSweepLegacy GetSweepState GetSweeps Heartbeat SweepWithRuns UpsertSweep
"""
LAUNCH = """
core: CreateDefaultResourceConfig CreateRunQueue UpsertRunQueue
python: DeleteFromRunQueue DeleteRunQueue GetDefaultResourceConfig GetRunQueueItem
python: GetRunQueueItems GetRunQueueMetadata LaunchAgent ProjectRunQueues ackRunQueueItem
python: createLaunchAgent failRunQueueItem fetchRunQueuesFromProject popFromRunQueue
python: pushToRunQueue pushToRunQueueByName updateLaunchAgent updateRunQueueItemWarning
"""
OF_RUNS = """
core: CreateCustomChart RewindRun StopRun
python: DeleteRun ProjectViews RunFullHistory UpdateRunState deleteFiles
"""
OTHERS = """
python: CreateGenericWebhookIntegration
"""
DRIVEN = {(PYTHON, "UseArtifact")}
"""Put together when it is sent: test_artifacts.py has it sent."""


def named(*lists: str) -> set[tuple[str, str]]:
    """The operations of such lists."""
    lines = [line.split(": ") for text in lists for line in text.strip().splitlines()]
    return {(where, name) for where, names in lines for name in names.split()}


NOT_SUPPORTED = named(SWEEPS, LAUNCH, OF_RUNS, OTHERS)


def mistakes(schema: GraphQLSchema, text: str) -> list[str]:
    """What our schema says to a document."""
    try:
        document = parse(text)
        check_rows(document, {})
        return [error.message for error in validate(schema, document)]
    except (GraphQLError, Malformed) as error:
        return [str(error)]


def test_every_document_of_the_sdk_is_valid_but_for_those_of_other_products():
    if not IS_HERE:
        lacks("sdk", HOW_TO_GET_IT)
    schema = build_schema(SDL.read_text())
    wrong: dict[tuple[str, str], set[str]] = defaultdict(set)
    put_in = set()
    documents = set(found())
    for where, name, text in documents:
        if UNKNOWN in text and (where, name) not in NOT_SUPPORTED:
            put_in.add((where, name))
        elif said := mistakes(schema, text):
            wrong[where, name] |= set(said)

    assert {each: wrong[each] for each in wrong.keys() - NOT_SUPPORTED} == {}
    assert wrong.keys() == NOT_SUPPORTED
    assert put_in == DRIVEN
    places = {where for where, _, _ in documents}
    assert (places, len(documents) > 150) == ({PYTHON, CORE}, True)


def test_each_that_is_of_other_products_is_refused_in_one_sentence():
    if not IS_HERE:
        lacks("sdk", HOW_TO_GET_IT)
    said = {}
    for where, name, text in set(found()):
        if (where, name) in NOT_SUPPORTED and not is_template(text):
            said[where, name] = understood(text)[1]

    assert len(said) > 30
    wrong = {each: it for each, it in said.items() if len(it) != 1 or "Cannot" in it[0]}
    assert wrong == {}


def is_template(text: str) -> bool:
    """Whether it is put together when it is sent."""
    return UNKNOWN in text or "{{" in text
