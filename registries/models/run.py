"""Runs: jobs that logged and used artifacts, and everything they logged beside those."""

from __future__ import annotations

import json
import re
import zlib
from typing import Any
from urllib.parse import quote

from django.db import models
from django.db.models import Q
from django.db.models.fields.json import KT

from accounts.models import User
from registries.models.project import Project

SECONDS = re.compile(r"[0-9]{1,9}(\.[0-9]{1,20})?")


class RunQuerySet(models.QuerySet["Run"]):
    """Which runs."""

    def visible_to(self, user: Any) -> RunQuerySet:
        """The runs of the projects that the user sees."""
        return self.filter(project__in=Project.objects.visible_to(user).values("pk"))

    def brief(self) -> RunQuerySet:
        """As lists need them: without the documents and texts, which may be large."""
        return self.defer("config", "summary", "notes", "description")

    def counted(self) -> dict[int, str | None]:
        """For how many seconds each ran, as the SDK counted: for the rows of a page."""
        # To sort many by it, or with it, PostgreSQL would unpack the summary of each.
        return dict(self.order_by().values_list("pk", KT("summary___runtime")))


class Run(models.Model):
    """A job that logged and used artifacts."""

    class State(models.TextChoices):
        RUNNING = "running", "Running"
        FINISHED = "finished", "Finished"
        FAILED = "failed", "Failed"
        CRASHED = "crashed", "Crashed"

    project = models.ForeignKey(Project, models.CASCADE, related_name="runs")
    name = models.CharField(max_length=128, help_text="The id, as addresses have it.")
    display_name = models.CharField(max_length=128, blank=True)
    description = models.TextField(blank=True)
    notes = models.TextField(blank=True)
    group = models.CharField(max_length=128, blank=True)
    job_type = models.CharField(max_length=128, blank=True)
    tags = models.JSONField(default=list)
    config = models.JSONField(default=dict, help_text="What it was started with.")
    summary = models.JSONField(default=dict, help_text="The last value of each metric.")
    host = models.CharField(max_length=255, blank=True)
    program = models.CharField(max_length=1024, blank=True)
    commit = models.CharField(max_length=128, blank=True)
    repo = models.CharField(max_length=1024, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.RUNNING)
    exit_code = models.IntegerField(null=True, blank=True)
    last_step = models.BigIntegerField(null=True, blank=True, help_text="Of the history.")
    history_count = models.PositiveIntegerField(default=0, help_text="Lines.")
    event_count = models.PositiveIntegerField(default=0, help_text="Lines.")
    console_count = models.PositiveIntegerField(default=0, help_text="Lines.")
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="runs")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True, null=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    counted: str | None = None
    """What the summary has as `_runtime`, where a list of brief ones has asked for it."""

    objects = RunQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["project", "name"], name="run_id_is_unique_in_project"
            )
        ]
        indexes = [
            models.Index(
                fields=["heartbeat_at"],
                condition=Q(state="running"),
                name="run_at_work",
            )
        ]

    def __str__(self) -> str:
        return self.display_name or self.name

    def get_absolute_url(self) -> str:
        """The run's page."""
        return f"{self.project.get_absolute_url()}runs/{quote(self.name, safe='')}/"

    @property
    def is_over(self) -> bool:
        """Whether it has ended, well or not."""
        return self.state != Run.State.RUNNING

    @property
    def lasted(self) -> float:
        """For how many seconds: as the SDK counted, else until it was last heard of."""
        is_brief = "summary" in self.get_deferred_fields()
        counted = self.counted if is_brief else self.summary.get("_runtime")
        if SECONDS.fullmatch(str(counted)):
            return float(str(counted))
        last = self.finished_at or self.heartbeat_at or self.created_at
        return max(0.0, (last - self.created_at).total_seconds())


class Stream(models.TextChoices):
    """What a run writes line by line."""

    HISTORY = "history", "History"
    EVENTS = "events", "System metrics"
    CONSOLE = "console", "Console output"

    @property
    def counter(self) -> str:
        """The field of the run that counts the lines."""
        return "event_count" if self is Stream.EVENTS else f"{self.value}_count"


class RunChunk(models.Model):
    """Lines of a stream that stand together, compressed. Chunks do not overlap."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="chunks")
    stream = models.CharField(max_length=7, choices=Stream)
    start = models.PositiveIntegerField(help_text="The number of the first line, from 0.")
    stop = models.PositiveIntegerField(help_text="The number after the last line.")
    size = models.PositiveIntegerField(help_text="Bytes, before compression.")
    content = models.BinaryField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["run", "stream", "start"], name="run_chunk_starts_once"
            ),
            models.CheckConstraint(
                condition=Q(start__lt=models.F("stop")), name="run_chunk_has_lines"
            ),
            models.CheckConstraint(
                condition=Q(stream__in=("history", "events", "console")),
                name="run_chunk_stream_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run} {self.stream} {self.start}-{self.stop}"

    @property
    def lines(self) -> list[str]:
        """The lines; each stands for itself, whatever it holds."""
        found: list[str] = json.loads(zlib.decompress(bytes(self.content)))
        return found

    @classmethod
    def packed(cls, run: Run, stream: Stream, start: int, lines: list[str]) -> RunChunk:
        """Return a chunk of these lines, to be saved."""
        document = json.dumps(lines, ensure_ascii=False).encode()
        return cls(
            run=run,
            stream=stream,
            start=start,
            stop=start + len(lines),
            size=len(document),
            content=zlib.compress(document),
        )


class RunWriter(models.Model):
    """One of several processes that write a run, each with line numbers of its own."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="writers")
    client = models.CharField(max_length=64, help_text="What the process is called.")
    history_count = models.PositiveIntegerField(default=0, help_text="Lines it sent.")
    event_count = models.PositiveIntegerField(default=0, help_text="Lines it sent.")
    printed = models.JSONField(
        default=list, help_text="Its last lines: their number, that in the run, how many."
    )

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["run", "client"], name="run_writer_is_once_in_its_run"
            )
        ]

    def __str__(self) -> str:
        return self.client


class RunMetric(models.Model):
    """One metric of a run: its last value, and a curve of at most some hundred points."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="metrics")
    stream = models.CharField(max_length=7, choices=Stream)
    key = models.CharField(max_length=400)
    last = models.JSONField(null=True, help_text="The last value, if it is not large.")
    last_x = models.FloatField(null=True, help_text="The step, or seconds since the start.")
    count = models.PositiveIntegerField(default=0, help_text="How many numbers there were.")
    stride = models.PositiveIntegerField(default=1, help_text="Each how-manieth is kept.")
    points = models.JSONField(default=list, help_text="Pairs of x and a number.")

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["run", "stream", "key"], name="run_metric_is_once_in_its_run"
            ),
            models.CheckConstraint(
                condition=Q(stream__in=("history", "events")),
                name="run_metric_stream_is_known",
            ),
        ]

    def __str__(self) -> str:
        return self.key


class RunFile(models.Model):
    """A file beside a run, such as its configuration; promised until its bytes are here."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="files")
    path = models.CharField(max_length=1024)
    blob = models.ForeignKey(
        "registries.Blob", models.PROTECT, null=True, related_name="run_files"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["run", "path"], name="run_file_path_is_unique_in_run"
            )
        ]

    def __str__(self) -> str:
        return self.path

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]
