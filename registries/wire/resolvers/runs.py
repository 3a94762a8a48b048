"""Runs as the SDK reads them back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import batched, chain, islice
from typing import Any

from django.db.models import F, Lookup, TextField
from django.db.models.functions import Cast

from accounts.actors import may
from accounts.models import User
from accounts.permissions import TeamPermission
from accounts.text import LARGEST, is_askable
from registries.models import Artifact, Project, Run, RunFile, Usage
from registries.models.run import RunQuerySet, Stream
from registries.streams import between, parsed, sample, tail
from registries.wire.fields import Asking, Info, Loader, shaped, shapes
from registries.wire.filters import runs_seen_by, select
from registries.wire.ids import encode, home_number
from registries.wire.orders import BY_AGE
from registries.wire.paging import Connection, connection
from registries.wire.resolvers.files import FileNode
from registries.wire.resolvers.people import UserNode
from registries.wire.run_lines import MOST_LINES, SAMPLES, Printed, printed, sampled
from registries.wire.run_orders import order
from registries.wire.signing import sign

MOST_WISHES = 5
"""How many samplings one request asks for at most."""


class Like(Lookup):
    """SQL's LIKE, in which the SDK asks for files; a backslash is one on both databases."""

    lookup_name = "like"

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """Write it down."""
        left, of_left = self.process_lhs(compiler, connection)
        right, of_right = self.process_rhs(compiler, connection)
        return f"{left} LIKE {right}", (*of_left, *of_right)

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        """Write it down without the character that PostgreSQL takes for an escape."""
        written, values = self.as_sql(compiler, connection)
        return f"{written} ESCAPE ''", values


@shapes(Run)
class RunNode:
    """A run, to somebody who sees its project."""

    typename = "Run"
    sweep_name = None
    default_color_index = 0
    stopped = False

    def __init__(self, asking: Asking, run: Run) -> None:
        self.row = run
        asking.expect(_users, run.created_by_id or 0)
        for loader in TEXTS.values():
            asking.expect(loader, run.pk)
        self.id = self.internal_id = encode("Run", run.pk)
        self.project_id = home_number(run.project)
        self.name = run.name
        self.display_name = str(run)
        self.state = str(run.state)
        self.group = run.group or None
        self.job_type = run.job_type or None
        self.commit = run.commit or None
        self.host = run.host or None
        self.tags = run.tags
        self.created_at = run.created_at
        self.heartbeat_at = run.heartbeat_at or run.created_at
        self.updated_at = run.updated_at or run.created_at
        self.history_line_count = run.history_count
        self.events_line_count = run.event_count
        self.log_line_count = run.console_count

    def description(self, info: Info) -> str | None:
        """Return what it is about."""
        return self._text(info, "description") or None

    def notes(self, info: Info) -> str | None:
        """Return what somebody noted."""
        return self._text(info, "notes")

    def config(self, info: Info) -> str | None:
        """Return what it was started with."""
        return self._text(info, "config")

    def summary_metrics(self, info: Info) -> str | None:
        """Return the last value of each metric."""
        return self._text(info, "summary")

    def _text(self, info: Info, field: str) -> str | None:
        found: str | None = info.context.load(TEXTS[field], self.row.pk)
        return found

    def wandb_config(self, info: Info, keys: Sequence[str] = ()) -> str:
        """Return what the SDK noted about itself."""
        own = json.loads(self.config(info) or "{}").get("_wandb", {})
        noted = own.get("value") if isinstance(own, dict) else None
        noted = noted if isinstance(noted, dict) else {}
        return json.dumps({key: noted[key] for key in keys or noted if key in noted})

    def system_metrics(self, info: Info) -> str:
        """Return the last system metrics."""
        last = self._last_line(info, Stream.EVENTS)
        return json.dumps(parsed(last[0]) if last else {})

    def history_tail(self, info: Info) -> str:
        """Return the last line of history."""
        return json.dumps(self._last_line(info, Stream.HISTORY))

    def events_tail(self, info: Info) -> str:
        """Return the last line of system metrics."""
        return json.dumps(self._last_line(info, Stream.EVENTS))

    def _last_line(self, info: Info, stream: Stream) -> list[str]:
        return [info.context.weigh(line) for line in tail(self.row, stream, 1)]

    def history_keys(self, info: Info) -> dict[str, Any] | None:
        """Return which metrics there are, with the last value of each."""
        metrics = self.row.metrics.filter(stream=Stream.HISTORY).order_by("pk")
        last = dict(metrics.values_list("key", "last"))
        if not last:
            return None
        info.context.weigh(json.dumps(last))
        keys = {key: {"previousValue": value} for key, value in last.items()}
        step = self.row.last_step
        return {"keys": keys, "lastStep": -1 if step is None else step}

    def project(self, info: Info) -> Any:
        """Return the project that it is of."""
        return shaped(info.context, self.row.project)

    def input_artifacts(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[Artifact]:
        """Return the artifacts that it used, those that the asker sees."""
        return self._artifacts(info.context, Usage.Role.USED, first, after)

    def output_artifacts(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[Artifact]:
        """Return the artifacts that it produced, those that the asker sees."""
        return self._artifacts(info.context, Usage.Role.PRODUCED, first, after)

    def _artifacts(
        self, asking: Asking, role: Usage.Role, first: int | None, after: str | None
    ) -> Connection[Artifact]:
        usages = self.row.usages.filter(role=role)
        seen = Artifact.objects.visible_to(asking.user).select_related("source")
        found = seen.filter(pk__in=usages.values("artifact"))
        return connection(
            found, BY_AGE, lambda row: shaped(asking, row), first=first, after=after
        )

    def user(self, info: Info) -> UserNode | None:
        """Return who started it, if one sees them."""
        found = info.context.load(_users, self.row.created_by_id or 0)
        return UserNode(info.context, found) if found else None

    def read_only(self, info: Info) -> bool:
        """Whether the asker may not log into it."""
        return not may(info.context.actor, TeamPermission.LOG, self.row)

    def file_count(self, info: Info) -> int:
        """Return how many files came."""
        return self.row.files.exclude(blob=None).count()

    def files(
        self,
        info: Info,
        *,
        names: Sequence[str] | None = None,
        pattern: str | None = None,
        first: int | None = None,
        after: str | None = None,
        **_: Any,
    ) -> Connection[RunFile]:
        """Return the files that came; those that were asked for by name."""
        files = self.row.files.exclude(blob=None).select_related("blob")
        if names:
            asked = [name.removeprefix("./") for name in filter(None, names)]
            files = files.filter(path__in=filter(is_askable, asked))
        elif pattern:
            like = Like(F("path"), pattern if is_askable(pattern) else "")
            files = files.filter(like)
        return connection(files, BY_AGE, RunFileNode, first=first, after=after)

    def history(
        self,
        info: Info,
        samples: int | None = None,
        min_step: int | None = None,
        max_step: int | None = None,
    ) -> list[str]:
        """Return lines of history: those of some steps, or so many of all."""
        most = max(1, min(samples or SAMPLES, MOST_LINES))
        if min_step is None and max_step is None:
            lines = sample(self.row, Stream.HISTORY, most)
        else:
            stop = LARGEST if max_step is None else max_step
            lines = islice(between(self.row, min_step or 0, stop), most)
        return list(map(info.context.weigh, lines))

    def events(self, info: Info, samples: int | None = None) -> list[str]:
        """Return so many lines of system metrics."""
        lines = sample(self.row, Stream.EVENTS, min(samples or SAMPLES, MOST_LINES))
        return list(map(info.context.weigh, lines))

    def sampled_history(self, info: Info, specs: Sequence[str]) -> list[list[Any]]:
        """Return the values of some metrics, where a line has them all, for each wish."""
        return [sampled(info.context, self.row, spec) for spec in specs[:MOST_WISHES]]

    def parquet_history(self, info: Info, live_keys: Sequence[str]) -> dict[str, Any]:
        """Return none: without files the SDK asks for the history by its steps."""
        return {"parquet_urls": [], "live_data": []}

    def log_lines(
        self,
        info: Info,
        *,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        **_: Any,
    ) -> Printed:
        """Return what it printed: the last lines, or so many behind one."""
        return printed(info.context, self.row, first=first, after=after, last=last)


def _users(asking: Asking, keys: list[int]) -> dict[int, User]:
    users = User.objects.visible_to(asking.user).select_related("entity")
    return users.in_bulk(keys)


def _texts(field: str) -> Loader:
    """Return what reads a long text, or a document as it is kept, a few at a time."""

    def load(asking: Asking, keys: list[int]) -> dict[int, str]:
        texts = Run.objects.values_list("pk", Cast(field, TextField()))
        few = (texts.filter(pk__in=some) for some in batched(keys, 10, strict=False))
        return {pk: asking.weigh(text) for pk, text in chain.from_iterable(few)}

    return load


TEXTS = {field: _texts(field) for field in ("config", "summary", "notes", "description")}


class RunFileNode(FileNode):
    """A file beside a run."""

    def __init__(self, file: RunFile) -> None:
        super().__init__(encode("RunFile", file.pk), file.path)
        self._file = file
        assert file.blob is not None
        self.size_bytes = file.blob.size
        self.md5 = self.digest = file.blob.md5
        self.updated_at = file.updated_at

    def url(self, info: Info, *, upload: bool = False) -> str:
        """Return where to fetch it, or where to send it."""
        way = "run_upload" if upload else "run_file"
        return sign(info.context, way, file=self._file.pk)

    def direct_url(self, info: Info) -> str:
        """Return where to fetch it."""
        return self.url(info)

    def upload_url(self, info: Info) -> str:
        """Return where to send it."""
        return self.url(info, upload=True)


def find_run(project: Project, name: str | None) -> Run | None:
    """Return the run of that id in a project that the asker sees."""
    if not name or not is_askable(name):
        return None
    runs = project.runs.brief().select_related("project__entity")
    run = runs.filter(name=name).first()
    if run is not None:
        run.project = project
    return run


def run_node(info: Info, project: Project, name: str) -> RunNode | None:
    """Return the run of that id, if there is one."""
    run = find_run(project, name)
    return RunNode(info.context, run) if run else None


def runs_of(asking: Asking, project: Project, filters: str | None) -> RunQuerySet:
    """Return the runs of a project that match."""
    return project.runs.filter(select(filters, runs_seen_by(asking.user)))


def run_list(
    info: Info,
    project: Project,
    *,
    filters: str | None = None,
    asked: str | None = None,
    first: int | None = None,
    after: str | None = None,
) -> Connection[Run]:
    """Return the runs that are asked for, in the order that is asked for."""
    asking = info.context
    runs = runs_of(asking, project, filters).brief().select_related("project__entity")
    return connection(
        runs, order(asked), lambda run: RunNode(asking, run), first=first, after=after
    )
