"""Addresses of everything in and around a registry."""

from django.urls import URLPattern, URLResolver, include, path, register_converter

from accounts.reserved import RESERVED_NAMES
from registries.views import (
    access,
    activity,
    aliases,
    archives,
    audit,
    bulk,
    cards,
    collections,
    compare,
    deleting,
    editing,
    files,
    general,
    home,
    linking,
    organizations,
    people,
    printed,
    projects,
    registries,
    roles,
    runs,
    search,
    service_accounts,
    settings,
    stars,
    tagging,
    teams,
    trash,
    uploads,
    versions,
    viewer,
)
from registries.views import (
    help as help_pages,
)
from registries.views.setup import setup


class Name:
    """A name in an address. NUL, which no database looks for, is in none."""

    regex = r"[^/\x00]{1,255}"

    def to_python(self, value: str) -> str:
        """Return the name as given; whether it is canonical is asked later."""
        return value

    def to_url(self, value: str) -> str:
        """Return the name."""
        return value


class EntityName(Name):
    """The name of a user or team at the root, where other addresses begin, too."""

    def to_python(self, value: str) -> str:
        """Return the name; raise ValueError for one that nobody can have."""
        if value.casefold() in RESERVED_NAMES:
            raise ValueError(value)
        return value


class EntryPath(Name):
    """The path of a file in an artifact."""

    regex = r"[^\x00]{1,1024}"


register_converter(Name, "name")
register_converter(EntityName, "entity")
register_converter(EntryPath, "entry")

type Addresses = list[URLPattern | URLResolver]

of_files: Addresses = [
    path("raw/<entry:path>", files.raw, name="raw"),
    path("files/<entry:path>", viewer.file, name="file"),
    path("image/<entry:path>", viewer.image, name="image"),
    path("zip/", archives.archive, name="zip"),
]
of_versions: Addresses = [
    *of_files,
    path("description/", cards.description, name="description"),
    path("description/preview/", cards.preview_description, name="preview_description"),
    path("link/", linking.elsewhere, name="link_elsewhere"),
    path("aliases/add/", aliases.add, name="add_alias"),
    path("aliases/remove/", aliases.remove, name="remove_alias"),
    path("tags/add/", tagging.add_to_version, name="tag_version"),
    path("tags/remove/", tagging.remove_from_version, name="untag_version"),
]
in_version: Addresses = [
    path("", versions.version, name="version"),
    path("unlink/", linking.remove, name="unlink"),
    *of_versions,
]
of_sources: Addresses = [
    path("delete/", deleting.version, name="delete_version"),
    path("overview/", printed.version, name="source_overview"),
    path("files/", printed.version, name="source_files"),
]
in_source: Addresses = [
    path("", projects.source, name="source"),
    path("delete/", deleting.source, name="delete_source"),
    path(
        "v<int:number>/",
        include(
            [
                path("", versions.version, name="source_version"),
                *of_sources,
                *of_versions,
            ]
        ),
    ),
]
in_run: Addresses = [
    path("", runs.run, name="run"),
    path("metrics/", runs.metrics, name="run_metrics"),
    path("console/", runs.console, name="run_console"),
    path("files/", runs.files, name="run_files"),
    path("raw/<entry:path>", runs.raw, name="run_raw"),
    path("delete/", deleting.run, name="delete_run"),
]
in_project: Addresses = [
    path("", projects.project, name="project"),
    path("workspace/", printed.project, name="workspace"),
    path("artifacts/", printed.project, name="artifacts"),
    path("runs/", projects.runs, name="runs"),
    path("runs/<name:run>/", include(in_run)),
    path("artifacts/<name:type>/<name:collection>/", include(in_source)),
]
in_collection: Addresses = [
    path("", collections.collection, name="collection"),
    path("versions/", collections.versions, name="versions"),
    path("versions/change/", bulk.versions, name="change_versions"),
    path("compare/", compare.choose, name="choose_versions"),
    path("compare/<int:before>..<int:after>/", compare.compare, name="compare"),
    path("star/", stars.star_collection, name="star_collection"),
    path("unstar/", stars.unstar_collection, name="unstar_collection"),
    path("activity/", activity.of_collection, name="collection_activity"),
    path("link/", linking.into_collection, name="link_into_collection"),
    path("aliases/", aliases.history, name="aliases"),
    path("aliases/undo/", aliases.undo, name="undo_move"),
    path("card/", cards.card, name="card"),
    path("card/preview/", cards.preview_card, name="preview_card"),
    path("edit/", editing.edit, name="edit_collection"),
    path("delete/", deleting.collection, name="delete_collection"),
    path("tags/add/", tagging.add_to_collection, name="tag_collection"),
    path("tags/remove/", tagging.remove_from_collection, name="untag_collection"),
    path("upload/", uploads.version, name="upload_version"),
    path("v/<int:number>/", include(in_version)),
]
in_members: Addresses = [
    path("", settings.settings, name="members"),
    path("add/", roles.add, name="add_member"),
    path("<name:holder>/role/", roles.change, name="change_role"),
    path("<name:holder>/delete/", roles.end, name="end_role"),
    path("<name:holder>/owner/", roles.make_owner, name="make_owner"),
]
in_upload: Addresses = [
    path("", uploads.session, name="upload_session"),
    path("files/", uploads.files, name="upload_files"),
    path("files/<entry:path>", uploads.file, name="upload_file"),
    path("finish/", uploads.finish, name="upload_finish"),
    path("cancel/", uploads.cancel, name="upload_cancel"),
]
in_registry: Addresses = [
    path("", registries.registry, name="registry"),
    path("star/", stars.star_registry, name="star_registry"),
    path("unstar/", stars.unstar_registry, name="unstar_registry"),
    path("settings/", settings.settings, name="settings"),
    path("settings/visibility/", settings.visibility, name="visibility"),
    path("settings/delete/", trash.delete, name="delete_registry"),
    path("settings/general/", general.general, name="general"),
    path("settings/types/", general.types, name="types"),
    path("settings/aliases/protect/", general.protect, name="protect_alias"),
    path("settings/aliases/unprotect/", general.unprotect, name="unprotect_alias"),
    path("settings/names/release/", general.release, name="release_name"),
    path("members/", include(in_members)),
    path("activity/", activity.of_registry, name="registry_activity"),
    path("requests/new/", access.ask, name="request_access"),
    path("requests/<int:pk>/accept/", access.accept, name="accept_request"),
    path("requests/<int:pk>/decline/", access.decline, name="decline_request"),
    path("link/", linking.into_registry, name="link"),
    path("upload/", uploads.new, name="upload"),
    path("uploads/<int:pk>/", include(in_upload)),
    path("collections/change/", bulk.collections, name="change_collections"),
    path("c/<name:collection>/", include(in_collection)),
]
of_people: Addresses = [
    path("", people.people, name="list"),
    path("invite/", people.invite, name="invite"),
    path("invitations/<int:pk>/resend/", people.resend, name="resend"),
    path("invitations/<int:pk>/revoke/", people.revoke, name="revoke"),
    path("<int:pk>/role/", people.role, name="role"),
    path("<int:pk>/remove/", people.remove, name="remove"),
]
of_teams: Addresses = [
    path("", teams.teams, name="list"),
    path("new/", teams.create, name="create"),
    path("<name:team>/", teams.team, name="team"),
    path("<name:team>/members/add/", teams.add, name="add"),
    path("<name:team>/members/<int:pk>/role/", teams.role, name="role"),
    path("<name:team>/members/<int:pk>/remove/", teams.remove, name="remove"),
    path("<name:team>/delete/", teams.delete, name="delete"),
]
of_service_accounts: Addresses = [
    path("", service_accounts.accounts, name="list"),
    path("new/", service_accounts.create, name="create"),
    path("<name:name>/", service_accounts.account, name="account"),
    path("<name:name>/remove/", service_accounts.remove, name="remove"),
    path("<name:name>/keys/new/", service_accounts.issue, name="issue"),
    path("<name:name>/keys/<int:pk>/rotate/", service_accounts.rotate, name="rotate"),
    path("<name:name>/keys/<int:pk>/revoke/", service_accounts.revoke, name="revoke"),
]
of_organization: Addresses = [
    path("audit/", audit.audit, name="audit"),
    path("audit/export/", audit.export, name="export"),
    path("settings/", organizations.settings, name="settings"),
    path("settings/restricted/<int:pk>/", organizations.take, name="take"),
]
in_organization: Addresses = [
    path("registry/", home.home, name="home"),
    path("projects/", projects.projects, name="projects"),
    path("search/", search.search, name="search"),
    path("trash/", trash.trash, name="trash"),
    path("trash/<int:pk>/restore/", trash.restore, name="restore_registry"),
    path(
        "trash/collections/<int:pk>/restore/", trash.restore_one, name="restore_collection"
    ),
    path("registries/new/", registries.create, name="create"),
    path("registry/<name:registry>/", include(in_registry)),
    path("", include((of_organization, "organization"))),
    path("people/", include((of_people, "people"))),
    path("teams/", include((of_teams, "teams"))),
    path("service-accounts/", include((of_service_accounts, "service_accounts"))),
]

app_name = "registries"
urlpatterns = [
    path("", home.index, name="index"),
    path("setup/<str:token>/", setup, name="setup"),
    path("help/", help_pages.index, name="help-index"),
    path("help/first-steps/", help_pages.first_steps, name="help-first-steps"),
    path("help/sdk/", help_pages.sdk, name="help-sdk"),
    path("help/concepts/", help_pages.concepts, name="help-concepts"),
    path("help/commands/", help_pages.commands, name="help-commands"),
    path("help/configuration/", help_pages.configuration, name="help-configuration"),
    path("help/operations/", help_pages.operations, name="help-operations"),
    path("help/permissions/", help_pages.permissions, name="help-permissions"),
    path("help/keys/", help_pages.keys, name="help-keys"),
    path("help/registry-types/", help_pages.registry_types, name="help-registry-types"),
    path("orgs/<name:org>/", include(in_organization)),
    path("<entity:name>/", printed.entity, name="entity"),
    path("<entity:name>/registry/model/", printed.model_registry, name="model_registry"),
    path(
        "<entity:entity>/<name:project>/", include(in_project)
    ),  # last: it fits almost all
]
