"""Registries, and what is kept in them."""

from registries.models.access import AccessRequest
from registries.models.alias_move import AliasMove
from registries.models.artifact import Artifact, Blob, Draft, Entry, Multipart, Part
from registries.models.automation import Automation, Integration
from registries.models.collection import Alias, Collection, Tag, Version
from registries.models.collection_number import CollectionNumber
from registries.models.lineage import Usage
from registries.models.project import Project
from registries.models.registry import (
    AcceptedType,
    ProtectedAlias,
    Registry,
    RegistryMember,
    RegistryName,
)
from registries.models.run import Run, RunChunk, RunFile, RunMetric, RunWriter
from registries.models.search_term import SearchTerm
from registries.models.star import Star
from registries.models.upload import Upload, UploadSession

__all__ = [
    "AcceptedType",
    "AccessRequest",
    "Alias",
    "AliasMove",
    "Artifact",
    "Automation",
    "Blob",
    "Collection",
    "CollectionNumber",
    "Draft",
    "Entry",
    "Integration",
    "Multipart",
    "Part",
    "Project",
    "ProtectedAlias",
    "Registry",
    "RegistryMember",
    "RegistryName",
    "Run",
    "RunChunk",
    "RunFile",
    "RunMetric",
    "RunWriter",
    "SearchTerm",
    "Star",
    "Tag",
    "Upload",
    "UploadSession",
    "Usage",
    "Version",
]
