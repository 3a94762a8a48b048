"""A program that logs artifacts as the SDK does, one call at a time."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from django.test import Client

type Answer = tuple[int, bytes]
type Send = Callable[[str, str, bytes, Mapping[str, str]], Answer]
"""Sends method, path, body and headers; returns status and body."""

FIELDS = {
    "createArtifact": "artifact { id state artifactSequence { latestArtifact { id } } }",
    "createArtifactFiles": """files { totalCount pageInfo { hasNextPage }
        edges { node { storagePath uploadUrl uploadHeaders
        uploadMultipartUrls { uploadID uploadUrlParts { partNumber uploadUrl } }
        artifact { id } } } }""",
    "createArtifactManifest": "artifactManifest { id file { id uploadUrl uploadHeaders } }",
    "updateArtifactManifest": "artifactManifest { id file { id uploadUrl uploadHeaders } }",
    "completeMultipartUploadArtifact": "digest",
    "commitArtifact": "artifact { id digest state size fileCount versionIndex }",
}
MAPPING = "query ($id: ID!) { clientIDMapping(clientID: $id) { serverID } }"
INPUTS = {name: f"{name[0].upper()}{name[1:]}Input!" for name in FIELDS}


def md5(content: bytes) -> str:
    """The digest of a file, in base64."""
    return b64encode(hashlib.md5(content).digest()).decode()


def digest_of(digests: Mapping[str, str]) -> str:
    """The digest of an artifact with these paths and digests."""
    lines = "".join(f"{path}:{digests[path]}\n" for path in sorted(digests))
    return hashlib.md5(f"wandb-artifact-manifest-v1\n{lines}".encode()).hexdigest()


def manifest(contents: Mapping[str, Any], **head: Any) -> bytes:
    """The document that the SDK sends."""
    known = {"version": 1, "storagePolicy": "wandb-storage-policy-v1"}
    return json.dumps(known | head | {"contents": contents}).encode()


def entry(content: bytes) -> dict[str, Any]:
    """What a manifest says of a file; where it lay on the sender's machine too."""
    return {
        "digest": md5(content),
        "size": len(content),
        "local_path": "/home/somebody/secret",
        "skip_cache": False,
    }


def through(client: Client) -> Send:
    """Send by Django's client."""

    def send(method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        kind = headers.get("Content-Type", "application/octet-stream")
        length = {"CONTENT_LENGTH": str(len(body))}
        answer = client.generic(method, path, body, kind, headers=headers, **length)
        return answer.status_code, b"".join(answer)

    return send


class Saving:
    """Somebody's program, and the project that it logs into."""

    def __init__(self, send: Send, entity: str = "other", project: str = "sdk") -> None:
        self.send = send
        self.place = {"entityName": entity, "projectName": project}

    def ask(self, name: str, /, **given: Any) -> Any:
        """Return what a mutation answers."""
        status, answer = self.asked(name, **given)
        assert status == 200, answer
        return answer["data"][name]

    def refused(self, name: str, /, **given: Any) -> tuple[int, str]:
        """Return status and sentence of a mutation that must be refused."""
        status, answer = self.asked(name, **given)
        assert status >= 400, answer
        return status, answer["errors"][0]["message"]

    def asked(self, name: str, /, **given: Any) -> tuple[int, Any]:
        """Send a mutation; return status and answer."""
        document = f"mutation ($input: {INPUTS[name]})"
        document += f" {{ {name}(input: $input) {{ {FIELDS[name]} }} }}"
        sent = json.dumps({"query": document, "variables": {"input": given}}).encode()
        kind = {"Content-Type": "application/json"}
        status, answer = self.send("POST", "/graphql", sent, kind)
        return status, json.loads(answer)

    def create(self, digest: str, name: str = "data", **more: Any) -> Any:
        """Begin an artifact; return what is told of it."""
        given: dict[str, Any] = {**self.place, "artifactTypeName": "dataset"}
        given |= {"digest": digest, "artifactCollectionName": name}
        given["enableDigestDeduplication"] = True
        return self.ask("createArtifact", **given | more)["artifact"]

    def begin(self, files: Mapping[str, bytes], name: str = "data", **more: Any) -> Any:
        """Begin an artifact of these files."""
        digests = {path: md5(content) for path, content in files.items()}
        return self.create(digest_of(digests), name, **more)

    def announce(self, artifact: str, files: Mapping[str, bytes]) -> list[Any]:
        """Announce files; return where each goes, by position."""
        specs = [self.spec(artifact, path, content) for path, content in files.items()]
        answer = self.ask("createArtifactFiles", artifactFiles=specs)
        return [edge["node"] for edge in answer["files"]["edges"]]

    def spec(self, artifact: str, path: str, content: bytes) -> dict[str, Any]:
        """What is announced of a file."""
        digest = md5(content)
        return {"artifactID": artifact, "name": path, "md5": digest, "digest": digest}

    def put(self, url: str, content: bytes) -> Answer:
        """Send bytes to an address."""
        return self.send("PUT", urlsplit(url).path, content, {})

    def manifest_url(self, artifact: str, digest: str = "", **more: Any) -> str:
        """Return where a manifest goes."""
        given = {**self.place, "artifactID": artifact, "runName": "r", "type": "FULL"}
        given |= {"name": "wandb_manifest.json", "digest": digest}
        answer = self.ask("createArtifactManifest", **given | more)
        return str(answer["artifactManifest"]["file"]["uploadUrl"])

    def describe(self, artifact: str, document: bytes) -> Answer:
        """Send a manifest."""
        return self.put(self.manifest_url(artifact, md5(document)), document)

    def fill(self, artifact: str, files: Mapping[str, bytes]) -> None:
        """Send what is not there of the files, and their manifest."""
        places = self.announce(artifact, files)
        for place, content in zip(places, files.values(), strict=True):
            if place["uploadUrl"]:
                status, answer = self.put(place["uploadUrl"], content)
                assert status == 200, answer
        contents = {path: entry(content) for path, content in files.items()}
        status, answer = self.describe(artifact, manifest(contents))
        assert status == 200, answer

    def commit(self, artifact: str) -> Any:
        """Commit an artifact."""
        return self.ask("commitArtifact", artifactID=artifact)["artifact"]

    def save(self, files: Mapping[str, bytes], name: str = "data", **more: Any) -> Any:
        """Log an artifact from beginning to end; return what is told of it."""
        begun = self.begin(files, name, **more)
        if begun["state"] == "COMMITTED":
            return begun
        self.fill(begun["id"], files)
        return self.commit(begun["id"])
