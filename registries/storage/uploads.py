"""Files that come with forms: one form takes one into the store, no other takes any."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, StopUpload

from registries.storage import Staging, store
from registries.storage.base import Staged

FIELD = "file"
"""The form's field; a file in any other is not read."""


class NoFiles(FileUploadHandler):
    """Stops at a file: Django would put it on the disk before anybody asks who sends it."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Read no further."""
        raise StopUpload(connection_reset=True)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Never comes to this."""

    def file_complete(self, file_size: int) -> None:
        """Never comes to this."""


class StagedFile(UploadedFile):
    """A file of a form, of which the store has the bytes."""

    def __init__(self, name: str, staged: Staged) -> None:
        super().__init__(BytesIO(), name, size=staged.size)
        self.staged = staged


class StagingHandler(FileUploadHandler):
    """Writes the first file of a form into the store; no second copy, nothing in memory."""

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self._staging: Staging | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Open a place for the file, unless it is another one."""
        super().new_file(*args, **kwargs)
        if self.field_name != FIELD or self._staging is not None:
            raise SkipFile
        self._staging = store().begin()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Take in the next bytes."""
        assert self._staging is not None
        self._staging.write(raw_data)

    def file_complete(self, file_size: int) -> StagedFile | None:
        """Make the bytes durable."""
        assert self._staging is not None
        return StagedFile(self.file_name or "file", self._staging.finish())

    def discard(self) -> None:
        """Leave nothing of a file that was cut off, or not wanted in the end.

        Not `upload_interrupted`: a second file, which is skipped, calls that too.
        """
        if self._staging is not None:
            self._staging.abort()
