"""What the server is, and which features of the SDK it has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from registries.wire.fields import Info, query

FEATURES = (
    "ARTIFACT_COLLECTION_MEMBERSHIP_FILES",
    "ARTIFACT_COLLECTION_MEMBERSHIP_FILE_DOWNLOAD_HANDLER",
    "ARTIFACT_COLLECTIONS_FILTERING_SORTING",
    "ARTIFACT_DIGEST_ALGORITHM",
    "ARTIFACT_MEMBERSHIP_IN_LINK_ARTIFACT_RESPONSE",
    "ARTIFACT_REGISTRY_SEARCH",
    "ARTIFACT_TAGS",
    "ARTIFACT_V2_DOWNLOAD_HANDLER_SUPPORTS_ARTIFACT_ID",
    "AUTOMATION_ACTION_NO_OP",
    "AUTOMATION_EVENT_ADD_ARTIFACT_TAG",
    "AUTOMATION_EVENT_ADD_COLLECTION_TAG",
    "AUTOMATION_EVENT_REMOVE_ARTIFACT_TAG",
    "AUTOMATION_EVENT_REMOVE_COLLECTION_TAG",
    "AUTOMATION_EVENT_RUN_METRIC",
    "AUTOMATION_EVENT_RUN_METRIC_CHANGE",
    "AUTOMATION_EVENT_RUN_METRIC_ZSCORE",
    "AUTOMATION_EVENT_RUN_STATE",
    "AUTOMATION_EVENT_UNLINK_ARTIFACT",
    "AUTOMATION_SCOPE_ENTITY",
    "CLIENT_IDS",
    "INCLUDE_ARTIFACT_TYPES_IN_REGISTRY_CREATION",
    "LARGE_FILENAMES",
    "PROJECT_ARTIFACT_COLLECTION_MEMBERSHIP",
    "QUERY_AUTOMATIONS_ON_ENTITY",
    "TOTAL_COUNT_IN_FILE_CONNECTION",
    "USE_ARTIFACT_WITH_ENTITY_AND_PROJECT_INFORMATION",
)
"""What the server really has, by the SDK's names; everything else counts as off."""


@dataclass(frozen=True, slots=True)
class Feature:
    """A feature that the server has."""

    name: str
    is_enabled: bool = True


class Server:
    """What the server says of itself."""

    features = [Feature(name) for name in FEATURES]
    cli_version_info: dict[str, Any] = {
        "max_cli_version": "9999.0.0",
        "min_cli_version": "0.0.0",
    }
    latest_local_version_info = None


@query
def server_info(info: Info) -> Server:
    """Say what the server is."""
    return Server()
