"""Runs on the wire: started, written line by line, their files, read back."""

from __future__ import annotations

import json
from base64 import b64encode
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Event
from accounts.operations.keys import issue_api_key
from accounts.permissions import Role
from registries.models import Run
from registries.wire import fields
from tests.factories import SYSTEM, TeamFactory, TeamMembershipFactory, UserFactory

pytestmark = pytest.mark.django_db

UPSERT = """mutation ($id: String, $name: String, $project: String, $entity: String,
  $config: JSONString, $summary: JSONString, $tags: [String!], $notes: String) {
  upsertBucket(input: {id: $id, name: $name, modelName: $project, entityName: $entity,
    config: $config, summaryMetrics: $summary, tags: $tags, notes: $notes}) {
    inserted bucket { id name displayName project { name entity { name } } }
  }
}"""
RESUME = """query ($project: String, $entity: String, $name: String!) {
  model(name: $project, entityName: $entity) { bucket(name: $name, missingOk: true) {
    id config summaryMetrics historyLineCount logLineCount eventsLineCount historyTail
    eventsTail tags notes wandbConfig(keys: ["t"])
  } }
}"""
READ = """query ($entity: String, $filters: JSONString, $order: String) {
  project(name: "p", entityName: $entity) {
    runCount(filters: $filters)
    runs(filters: $filters, order: $order, first: 1) {
      edges { node { name state historyKeys } } pageInfo { hasNextPage endCursor }
    }
    run(name: "r") { state readOnly user { username } systemMetrics fileCount
      history(samples: 2) page: history(minStep: 3, maxStep: 5, samples: 9)
      parquetHistory(liveKeys: []) { parquetUrls liveData }
      steps: sampledHistory(
        specs: ["{\\"keys\\": [\\"a.b\\"], \\"minStep\\": 2, \\"maxStep\\": 3}"])
      logLines(last: 1) { edges { node { number timestamp level line } } }
      more: logLines(first: 1, after: "0") {
        edges { node { line } } pageInfo { hasNextPage } }
      sampledHistory(specs: ["{\\"keys\\": [\\"_step\\", \\"a.b\\"], \\"samples\\": 2}"])
      files(pattern: "%.yaml") { edges { node { name sizeBytes md5 directUrl } } } }
  }
}"""
FILES = """mutation ($entity: String!, $files: [String!]!) {
  createRunFiles(input: {entityName: $entity, projectName: "p", runName: "r",
    files: $files}) { runID files { name uploadUrl } }
}"""
CONSOLE = ["one", "two", "ERROR 2026-11-21T18:24:23.056 three"]
T = {"_wandb": {"value": {"t": {"1": [2]}}}}


@pytest.fixture
def team():
    return TeamFactory()


class Program:
    """A program with a key of somebody in a team."""

    def __init__(self, client: Any, team: Any, role: Role = Role.MEMBER) -> None:
        user = UserFactory()
        if team is not None:
            TeamMembershipFactory(
                team=team,
                role=role,
                membership__organization=team.organization,
                membership__user=user,
            )
        secret = issue_api_key(user, name="k", by=SYSTEM)[1]
        self.client, self.user = client, user
        self.headers = {
            "Authorization": f"Basic {b64encode(f'api:{secret}'.encode()).decode()}"
        }

    def post(self, path: str, document: Any) -> Any:
        return self.client.post(
            path, document, content_type="application/json", headers=self.headers
        )

    def ask(self, query: str, **variables: Any) -> Any:
        answer = self.post("/graphql", {"query": query, "variables": variables})
        assert answer.status_code == 200, answer.content
        return answer.json()["data"]

    def refused(self, query: str, **variables: Any) -> int:
        return self.post("/graphql", {"query": query, "variables": variables}).status_code

    def stream(self, team: Any, **sent: Any) -> Any:
        return self.post(f"/files/{team}/p/r/file_stream", sent)


def begin(program: Program, team: Any, **more: Any) -> Any:
    return program.ask(UPSERT, name="r", project="p", entity=str(team), **more)


def lines(start: int, *rows: Any) -> dict[str, Any]:
    return {"offset": start, "content": [json.dumps(row) for row in rows]}


def test_ten_mebibytes_of_lines_are_taken_however_they_are_escaped(client, team):
    program = Program(client, team)
    begin(program, team)
    line = rb"\u003c" * (1 << 20)
    content = b'{"files": {"output.log": {"offset": 0, "content": ["%s"]}}}'
    address = f"/files/{team}/p/r/file_stream"

    def sent(lines: int) -> int:
        body = content % b'", "'.join([line] * lines)
        return int(program.post(address, body).status_code)

    assert (sent(10), sent(11)) == (200, 413)


def test_a_run_is_started_written_and_read_back(client, team):
    program = Program(client, team)
    started = begin(program, team, config=json.dumps(T | {"lr": {"value": 1}}))
    history = lines(0, *({"_step": n, "a": {"b": n}} for n in range(6)))

    for _ in range(2):
        answer = program.stream(
            team,
            files={
                "wandb-history.jsonl": history,
                "wandb-events.jsonl": lines(0, {"system.cpu": 1, "_runtime": 2}),
                "wandb-summary.json": lines(0, {"a": {"b": 5}}),
                "output.log": {"offset": 0, "content": CONSOLE},
            },
        )
        assert (answer.status_code, answer.json()) == (200, {})
    assert program.stream(team, complete=True, exitcode=0).json() == {}

    assert started["upsertBucket"]["inserted"] is True
    resumed = program.ask(RESUME, name="r", project="p", entity=str(team))["model"][
        "bucket"
    ]
    assert [resumed[f"{name}LineCount"] for name in ("history", "events", "log")] == [
        6,
        1,
        3,
    ]
    assert json.loads(json.loads(resumed["historyTail"])[0])["_step"] == 5
    assert json.loads(resumed["wandbConfig"]) == {"t": {"1": [2]}}
    wanted = json.dumps({"config.lr": 1, "state": "finished"})
    found = program.ask(READ, entity=str(team), filters=wanted, order="-created_at")
    project, run = found["project"], found["project"]["run"]
    keys = {"_step": {"previousValue": 5}, "a.b": {"previousValue": 5}}
    assert (project["runCount"], project["runs"]["pageInfo"]["hasNextPage"]) == (1, False)
    assert project["runs"]["edges"][0]["node"] == {
        "name": "r",
        "state": "finished",
        "historyKeys": {"keys": keys, "lastStep": 5},
    }
    assert run["user"] == {"username": program.user.username}
    assert [json.loads(line)["_step"] for line in run["history"]] == [0, 3, 5]
    assert [json.loads(line)["_step"] for line in run["page"]] == [3, 4]
    assert run["sampledHistory"] == [[{"_step": 0, "a.b": 0}, {"_step": 3, "a.b": 3}]]
    assert run["parquetHistory"] == {"parquetUrls": [], "liveData": []}
    assert run["steps"] == [[{"a.b": 2}, {"a.b": 3}]]
    last = {"number": 2, "timestamp": "2026-11-21T18:24:23.056", "level": "error"}
    assert run["logLines"]["edges"] == [{"node": last | {"line": "three"}}]
    assert run["more"]["edges"] == [{"node": {"line": "two"}}]
    assert run["more"]["pageInfo"] == {"hasNextPage": True}
    assert json.loads(run["systemMetrics"])["system.cpu"] == 1


def test_an_edit_leaves_a_run_ended_and_a_start_resumes_it(client, team):
    program = Program(client, team)
    run = begin(program, team, config=json.dumps(T))["upsertBucket"]["bucket"]
    program.stream(team, complete=True, exitcode=2**31)
    assert Run.objects.get().exit_code == 1
    program.stream(team, complete=True, exitcode=3)

    program.ask(UPSERT, id=run["id"], config='{"x": {"value": 1}}', tags=["t"], notes="n")
    edited = Run.objects.get()
    assert (edited.state, edited.exit_code, edited.tags) == ("failed", 3, ["t"])
    assert edited.config == T | {"x": {"value": 1}}

    assert begin(program, team)["upsertBucket"]["inserted"] is False
    assert Run.objects.get().state == "running"
    kinds = Event.objects.filter(kind__startswith="run.").order_by("pk")
    told = ["run.start", "run.finish", "run.finish", "run.update", "run.resume"]
    assert list(kinds.values_list("kind", flat=True)) == told


def test_an_end_that_is_said_again_ends_no_run_that_was_resumed(client, team):
    program = Program(client, team)
    begin(program, team)
    last = {"wandb-history.jsonl": lines(0, {"_step": 0})}
    for _ in range(2):  # the first answer was lost
        program.stream(team, files=last, complete=True, exitcode=0)
    begin(program, team)
    program.stream(team, files=last, complete=True, exitcode=0)
    assert Run.objects.get().state == "finished"

    program.stream(team, files={"wandb-history.jsonl": lines(1, {"_step": 1})})

    assert Run.objects.get().state == "running"
    kinds = Event.objects.filter(kind__startswith="run.").order_by("pk")
    told = ["run.start", *["run.finish", "run.resume"] * 2]
    assert list(kinds.values_list("kind", flat=True)) == told


def test_a_run_that_names_no_place_is_the_persons_own(client, team):
    program = Program(client, team)

    bucket = program.ask(UPSERT, name="r")["upsertBucket"]["bucket"]

    name = program.user.username
    assert bucket["project"] == {"name": "uncategorized", "entity": {"name": name}}
    assert bucket["displayName"] == "r"


def test_files_are_promised_sent_and_fetched(client, team):
    program = Program(client, team)
    begin(program, team)
    names = ["config.yaml", "media/a.png"]

    files = program.ask(FILES, entity=str(team), files=names)["createRunFiles"]["files"]
    assert [file["name"] for file in files] == names
    for content in (b"a: 1", b"a: 22"):
        sent = client.put(files[0]["uploadUrl"], content, content_type="text/yaml")
        assert sent.status_code == 200

    run = program.ask(READ, entity=str(team))["project"]["run"]
    [edge] = run["files"]["edges"]
    assert (run["fileCount"], edge["node"]["name"], edge["node"]["sizeBytes"]) == (
        1,
        "config.yaml",
        5,
    )
    fetched = client.get(edge["node"]["directUrl"])
    assert b"".join(fetched.streaming_content) == b"a: 22"
    assert fetched["Content-Disposition"].startswith("attachment")
    assert client.put(edge["node"]["directUrl"], b"x").status_code == 405
    assert client.get(files[0]["uploadUrl"].replace("upload", "file")).status_code == 403
    assert client.put(files[0]["uploadUrl"] + "x", b"x").status_code == 403
    team.memberships.all().delete()
    assert client.get(edge["node"]["directUrl"]).status_code == 403
    assert client.put(files[0]["uploadUrl"], b"x").status_code == 403


def test_a_file_of_a_name_that_cannot_be_kept_is_skipped_alone(client, team):
    program = Program(client, team)
    begin(program, team)
    names = ["a\nb", "config.yaml", "d/" * 600 + "x", "../x", "a\ud800", "", "config.yaml"]

    files = program.ask(FILES, entity=str(team), files=names)["createRunFiles"]["files"]

    assert [bool(file["uploadUrl"]) for file in files] == [
        name == "config.yaml" for name in names
    ]
    assert [file["name"] for file in files][:4] == names[:4]
    assert [file.path for file in Run.objects.get().files.all()] == ["config.yaml"]


STRANGE = """query ($entity: String, $pattern: String, $names: [String], $after: String) {
  project(name: "p", entityName: $entity) { run(name: "r") {
    files(pattern: $pattern) { edges { node { name } } }
    named: files(names: $names) { edges { node { name } } }
    logLines(after: $after) { edges { node { line } } } } }
}"""


def test_what_no_database_looks_for_finds_nothing_in_a_run(client, team):
    program = Program(client, team)
    begin(program, team)
    path = "back\\slash"
    [file] = program.ask(FILES, entity=str(team), files=[path])["createRunFiles"]["files"]
    assert client.put(file["uploadUrl"], b"x", content_type="text/plain").status_code == 200
    found = {"edges": [{"node": {"name": path}}]}

    for pattern, is_found in (
        ("%\\%", True),
        ("%\\", False),
        ("\0", False),
        ("\ud800", False),
    ):
        named = {"pattern": pattern, "names": [None, "\0", path], "after": "9" * 5000}
        run = program.ask(STRANGE, entity=str(team), **named)["project"]["run"]
        assert run["files"] == (found if is_found else {"edges": []}), pattern
        assert run["named"] == found


def test_who_may_not_log_is_refused_and_strangers_find_nothing(client, team):
    member = Program(client, team)
    begin(member, team)
    viewer, stranger = Program(client, team, Role.VIEWER), Program(client, None)
    beat: dict[str, Any] = {}

    assert viewer.refused(UPSERT, name="r", project="p", entity=str(team)) == 403
    assert viewer.stream(team, **beat).status_code == 403
    assert viewer.ask(READ, entity=str(team))["project"]["run"]["readOnly"] is True
    assert stranger.refused(UPSERT, name="r", project="p", entity=str(team)) == 404
    assert stranger.stream(team, **beat).status_code == 404
    assert stranger.ask(READ, entity=str(team))["project"] is None
    assert client.post(f"/files/{team}/p/r/file_stream", {}).status_code == 401
    organization = team.organization.entity.name
    assert member.refused(UPSERT, name="r", entity=organization) == 422
    for name in ("a/b", ".", ".."):
        assert member.refused(UPSERT, name=name, entity=str(team)) == 422
    for files in ("x", {"output.log": {"offset": "0"}}, {"output.log": 1}):
        assert member.stream(team, files=files).status_code == 400
    assert Run.objects.count() == 1


LARGE = """query ($entity: String, $first: Int!) {
  project(name: "p", entityName: $entity) {
    run(name: "r") { %s }
    runs(first: $first) { edges { node { %s } } }
  }
}"""
WISH = r'sampledHistory(specs: ["{\"keys\": [\"a\"], \"minStep\": 1, \"maxStep\": %d}"])'
DOCUMENTS = "config wandbConfig summaryMetrics notes description"


def test_what_one_answer_holds_is_counted_in_characters(client, team, monkeypatch):
    monkeypatch.setattr(fields, "CHARACTERS", 3_900)
    program = Program(client, team)
    long = json.dumps({"a": "x" * 990})
    for name in "rstu":
        program.ask(UPSERT, name=name, project="p", entity=str(team), config=long)
    log = {"offset": 0, "content": [long] * 5}
    files = dict.fromkeys(("wandb-history.jsonl", "wandb-events.jsonl", "output.log"), log)
    assert program.stream(team, files=files).status_code == 200

    def status(of_one: str, of_all: str = "name", first: int = 1) -> int:
        asked = {"query": LARGE % (of_one, of_all)}
        variables = {"entity": str(team), "first": first}
        return program.post("/graphql", asked | {"variables": variables}).status_code

    for three, five in [
        ("history(samples: 3)", "history(samples: 5)"),
        ("history(minStep: 0, samples: 3)", "history(minStep: 0, samples: 5)"),
        ("history(minStep: 1, maxStep: 4)", "history(minStep: 0, maxStep: 5)"),
        ("events(samples: 3)", "events(samples: 5)"),
        ("logLines(last: 3) { edges { node { line } } }",) * 2,
        ("systemMetrics historyTail eventsTail",) * 2,
        (WISH % 3, WISH % 5),
    ]:
        found = status(three), status(f"{five} more: historyTail again: eventsTail")
        assert found == (200, 413), three
    assert status(DOCUMENTS, DOCUMENTS, first=3) == 200
    assert status("name", DOCUMENTS, first=4) == 413
    with CaptureQueriesContext(connection) as asked:
        assert status("name", "name state", first=4) == 200
    assert not any('"config"' in query["sql"] for query in asked)


def test_what_takes_too_long_of_many_lines_is_refused(client, team, monkeypatch):
    program = Program(client, team)
    program.ask(UPSERT, name="r", project="p", entity=str(team))
    log = {"offset": 0, "content": ['{"a": 1}'] * 5}
    assert program.stream(team, files={"wandb-history.jsonl": log}).status_code == 200
    clock = iter(range(1000))
    monkeypatch.setattr(fields, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    monkeypatch.setattr(fields, "SECONDS", 8)
    for asked in ("history(samples: 5)", "history(minStep: 0, samples: 5)", WISH % 5):
        variables = {"entity": str(team), "first": 1}
        body = {"query": LARGE % (asked, "name"), "variables": variables}
        answer = program.post("/graphql", body)
        assert "fits into" in answer.json()["errors"][0]["message"], asked


def test_a_sampling_has_so_many_metrics(client, team):
    program = Program(client, team)
    program.ask(UPSERT, name="r", project="p", entity=str(team))
    question = """query ($entity: String, $specs: [JSONString!]!) {
      project(name: "p", entityName: $entity) { run(name: "r") {
        sampledHistory(specs: $specs)
      } }
    }"""
    for count, status in [(1000, 200), (1001, 422)]:
        specs = [json.dumps({"keys": [f"k{n}" for n in range(count)]})]
        variables = {"entity": str(team), "specs": specs}
        answer = program.post("/graphql", {"query": question, "variables": variables})
        assert answer.status_code == status


@pytest.mark.parametrize(
    "asked",
    [
        "history(samples: 3)",
        "history(minStep: 0, samples: 3)",
        "events(samples: 3)",
        WISH % 3,
        "config",
    ],
)
def test_a_refusal_leaves_no_cursor_open(client, team, monkeypatch, open_cursors, asked):
    program = Program(client, team)
    long = json.dumps({"a": "x" * 99})
    program.ask(UPSERT, name="r", project="p", entity=str(team), config=long)
    log = {"offset": 0, "content": [long] * 5}
    files = dict.fromkeys(("wandb-history.jsonl", "wandb-events.jsonl"), log)
    assert program.stream(team, files=files).status_code == 200
    monkeypatch.setattr(fields, "CHARACTERS", 100)
    variables = {"entity": str(team), "first": 1}
    body = {"query": LARGE % (asked, asked), "variables": variables}
    assert program.post("/graphql", body).status_code == 413
    assert not open_cursors


ORDERED = """query ($entity: String, $order: String, $after: String) {
  project(name: "p", entityName: $entity) {
    runs(order: $order, after: $after, first: 2) {
      edges { node { name user { username } } } pageInfo { endCursor hasNextPage }
    }
  }
}"""


def in_order(program: Program, team: Any, order: str) -> list[str]:
    """The runs on all pages, two on each."""
    found, after, goes_on = [], None, True
    while goes_on:
        answer = program.ask(ORDERED, entity=str(team), order=order, after=after)
        runs = answer["project"]["runs"]
        found += [edge["node"]["name"] for edge in runs["edges"]]
        after, goes_on = runs["pageInfo"]["endCursor"], runs["pageInfo"]["hasNextPage"]
    return found


def test_runs_are_sorted_by_numbers_they_keep(client, team):
    program = Program(client, team)
    for name, lr, loss in [
        ("a", 3, "2"),
        ("b", 0.5, "[1]"),
        ("c", '"x"', "1e3"),
        ("d", 3, "0"),
        ("e", 10**400, "-1"),
        ("f", -(10**400), "-1.7e308"),
    ]:
        program.ask(
            UPSERT,
            name=name,
            project="p",
            entity=str(team),
            config=f'{{"lr": {{"value": {lr}}}, "a.b\\"": 1}}',
            summary=f'{{"loss": {loss}}}',
        )

    assert in_order(program, team, "+config.lr") == [*"fbadec"]
    assert in_order(program, team, "-config.lr.value") == [*"edabfc"]
    assert in_order(program, team, "-summary_metrics.loss") == [*"cadefb"]
    assert in_order(program, team, "-created_at") == [*"fedcba"]
    assert in_order(program, team, "+config.a'\".x") == [*"abcdef"]
    for order in ("+nothing", "-config." + "a." * 20, "-"):
        assert program.refused(ORDERED, entity=str(team), order=order) == 422
