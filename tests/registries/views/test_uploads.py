"""Uploading in a browser: the form, the files one by one, what others see of it."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from copy import deepcopy
from datetime import timedelta
from hashlib import sha256
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Role
from registries.models import Artifact, Registry, UploadSession, Version
from registries.operations.aliases import set_alias
from registries.operations.contents import protect_alias
from registries.operations.members import set_role
from registries.operations.registries import delete_registry
from registries.storage import store
from registries.views import uploading
from tests.cast import ANONYMOUS, KINDS, PEOPLE, RESTRICTED
from tests.digest import unchanged
from tests.factories import (
    SYSTEM,
    RegistryFactory,
    TeamFactory,
    TeamMembershipFactory,
    linked_version,
    person,
)
from tests.registries.views.pages import signed_in, words
from tests.rights import has_right, role_of

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
FILES = [["weights.bin", 7], ["tokenizer/vocab.json", 2]]
ALL_KINDS = [
    kind if kind == RESTRICTED else pytest.param(kind, marks=pytest.mark.nightly)
    for kind in KINDS
]
"""By day the registry in which most people stand differently."""
CONTENT = {"weights.bin": b"weights", "tokenizer/vocab.json": b"{}"}


@pytest.fixture(scope="module")
def made(undone) -> tuple[Registry, User]:
    registry = RegistryFactory(name="serving")
    return registry, person(registry, Role.MEMBER, full_name="Ada Lovelace")


@pytest.fixture
def both(made):
    return deepcopy(made)


@pytest.fixture
def registry(both):
    return both[0]


@pytest.fixture
def member(both):
    return both[1]


@pytest.fixture
def client(member) -> Client:
    return signed_in(member)


@pytest.fixture
def watcher(registry) -> Client:
    """Somebody who only looks."""
    return signed_in(person(registry, Role.RESTRICTED_VIEWER))


def form_of(registry) -> str:
    names = [registry.organization.name, registry.name]
    return reverse("registries:upload", args=names)


def filled(**values) -> dict:
    return {"collection": "churn", "type": "model", "team": ""} | values


@pytest.fixture
def place(client, registry) -> str:
    """The address of an upload that has begun."""
    response = client.post(form_of(registry), filled(), headers=HTMX)
    return response["HX-Replace-Url"]


def announce(client: Client, place: str, files=FILES, **more):
    body = json.dumps({"files": files})
    return client.post(f"{place}files/", body, content_type="application/json", **more)


def put(client: Client, place: str, path: str, content: bytes, **more):
    return client.put(f"{place}files/{path}", content, "application/octet-stream", **more)


def send_all(client: Client, place: str) -> None:
    announce(client, place)
    for path, content in CONTENT.items():
        assert put(client, place, path, content).status_code == 204


def digest(content: bytes) -> str:
    return b64encode(sha256(content).digest()).decode()


def staged() -> list[object]:
    return list(store().temporary.glob("*"))


# The form


def test_the_form_asks_for_what_a_new_collection_needs(client, registry):
    registry.accepts_all_types = False
    registry.save()
    registry.accepted_types.create(name="onnx")

    page = client.get(form_of(registry))

    assert page.context["form"].fields["type"].choices == [("onnx", "onnx")]
    assert "Collection" in words(page)


def test_a_known_collection_says_its_type_and_asks_for_neither(client, registry):
    version = linked_version(registry, artifact_type="table")

    page = client.get(f"{version.collection.get_absolute_url()}upload/")

    assert {"collection", "type"} & set(page.context["form"].fields) == set()
    assert "Type table" in words(page)


def test_the_teams_are_those_into_which_one_logs_the_usual_first(registry):
    user = person(registry, Role.MEMBER)
    organization, named = registry.organization, ["audio", "churn", "speech", "vision"]
    teams = [TeamFactory(organization=organization, name=name) for name in named]
    roles = {1: Role.MEMBER, 2: Role.MEMBER, 3: Role.VIEWER}
    for number, role in roles.items():
        membership = user.memberships.get()
        TeamMembershipFactory(team=teams[number], membership=membership, role=role)
    linked_version(registry, "churn", team=teams[2])
    linked_version(registry, "others", team=teams[0])

    def offered(name: str) -> tuple[list[str], str]:
        form = signed_in(user).get(f"{registry.get_absolute_url()}c/{name}/upload/")
        field = form.context["form"]["team"]
        return [value for value, _ in field.field.choices], field.initial

    names = ["", teams[1].name, teams[2].name]
    assert offered("churn") == (names, teams[2].name)
    assert offered("others") == (names, "")


def test_who_may_link_finds_the_button_and_nobody_else(registry, client, watcher):
    collection = linked_version(registry).collection.get_absolute_url()

    for page in (registry.get_absolute_url(), collection, f"{collection}versions/"):
        assert "upload/" in client.get(page).content.decode()
        assert "upload/" not in watcher.get(page).content.decode()


# Without JavaScript: one file with the form


def test_one_file_with_the_form_becomes_a_version(client, registry):
    file = SimpleUploadedFile("weights.bin", b"weights")
    sent = filled(aliases="staging, best", metadata='{"auc": 0.9}', file=file)

    page = client.post(form_of(registry), sent, follow=True)

    version = Version.objects.get(collection__registry=registry)
    assert page.redirect_chain == [(version.get_absolute_url(), 302)]
    assert "v0 is here." in words(page)
    assert set(version.aliases.values_list("name", flat=True)) == {
        "latest",
        "staging",
        "best",
    }
    assert version.artifact.entries.get().blob.size == 7
    assert version.artifact.metadata == {"auc": 0.9}
    assert staged() == []


def test_an_empty_file_is_a_file(client, registry):
    sent = filled(file=SimpleUploadedFile("empty", b""))

    assert client.post(form_of(registry), sent).status_code == 302
    assert Version.objects.get(collection__registry=registry).artifact.size == 0


def test_known_content_leads_to_the_version_and_says_so(client, registry):
    for _ in range(2):
        sent = filled(file=SimpleUploadedFile("a", b"1"))
        page = client.post(form_of(registry), sent, follow=True)

    assert "The content is known already: this is v0." in words(page)


@pytest.mark.parametrize(
    ("values", "field", "status"),
    [
        ({"file": None}, "file", 422),
        ({"collection": ""}, "collection", 422),
        ({"collection": "a/b"}, "collection", 422),
        ({"collection": "tables"}, "type", 422),
        ({"type": "job"}, "type", 422),
        ({"aliases": "v1"}, "aliases", 422),
        ({"aliases": "good, a/b"}, "aliases", 422),
        ({"aliases": "golden"}, "aliases", 403),
        ({"aliases": "a" * 2001}, "aliases", 422),
        ({"metadata": "{"}, "metadata", 422),
        ({"metadata": "[1]"}, "metadata", 422),
        ({"metadata": '{"a": NaN}'}, "metadata", 422),
        ({"metadata": '{"a": "\\ud800"}'}, "metadata", 422),
        ({"metadata": "[" * 3000}, "metadata", 422),
        ({"metadata": "9" * 5000}, "metadata", 422),
        ({"description": "a\x07b"}, "description", 422),
        ({"team": "somebody-elses"}, "team", 422),
        ({"file": ("con\u202etrol", b"1")}, None, 302),
        ({"file": ("x" * 300, b"1")}, None, 302),
    ],
    ids=lambda value: str(value)[:60],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_stays(
    client, registry, values, field, status
):
    protect_alias(registry, "golden", by=SYSTEM)
    linked_version(registry, "tables", artifact_type="table")
    file = values.get("file", ("weights.bin", b"weights"))
    sent = filled(**values)
    sent["file"] = SimpleUploadedFile(*file) if file else ""

    response = client.post(form_of(registry), sent)

    assert response.status_code == status
    assert staged() == []
    if field:
        assert list(response.context["form"].errors) == [field]
        assert not registry.collections.filter(name="churn").exists()
        assert not Artifact.objects.filter(source__name="churn").exists()


@pytest.mark.parametrize("extra", ["registry", "owner", "created_by", "size", "state"])
def test_a_field_that_the_form_does_not_have_is_refused(client, registry, extra):
    file = SimpleUploadedFile("a", b"1")
    with unchanged():
        response = client.post(form_of(registry), filled(file=file) | {extra: "1"})

    assert response.status_code == 400
    assert staged() == []


def test_only_the_first_file_of_the_one_field_is_taken(client, registry):
    files = [SimpleUploadedFile(name, b"1") for name in ("first", "second")]
    sent = filled(file=files, other=SimpleUploadedFile("third", b"1"))

    client.post(form_of(registry), sent)

    assert Version.objects.get(collection__registry=registry).artifact.file_count == 1
    assert staged() == []


def test_a_form_that_is_cut_off_leaves_nothing(client, registry):
    body = (
        b'--x\r\nContent-Disposition: form-data; name="collection"\r\n\r\nchurn\r\n'
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nwei'
    )

    with unchanged():
        response = client.generic(
            "POST", form_of(registry), body, "multipart/form-data; boundary=x"
        )

    assert response.status_code == 422
    assert staged() == []


def test_a_file_for_which_there_is_no_room_is_refused_unread(client, registry, settings):
    settings.FREE_SPACE_RESERVE = store().free() * 2
    response = client.post(form_of(registry), filled(file=SimpleUploadedFile("a", b"1")))

    assert response.status_code == 413
    assert "has no room" in words(response)


@pytest.mark.parametrize("someone", ["visitor", "member"])
def test_no_other_form_takes_a_file_not_even_for_a_moment(client, registry, someone):
    read = []

    class Counted(BytesIO):
        def read(self, size: int = -1):
            read.append(size)
            return super().read(size)

    body = (
        b'--x\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n'
        + bytes(10_000_000)
        + b"\r\n--x--\r\n"
    )
    sender = Client(enforce_csrf_checks=True) if someone == "visitor" else client
    sender.cookies["csrf"] = "a" * 32
    response = sender.generic(
        "POST",
        f"{registry.get_absolute_url()}settings/general/",
        b"",
        "multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(len(body)),
        **{"wsgi.input": Counted(body), "CONTENT_TYPE": "multipart/form-data; boundary=x"},
    )

    assert response.status_code in {403, 422}
    assert 0 < sum(read) < 1_000_000


# The beginning, with JavaScript


def test_without_a_file_an_upload_begins_at_its_own_address(client, registry, member):
    sent = filled(aliases="staging")

    response = client.post(form_of(registry), sent, headers=HTMX)

    session = UploadSession.objects.get()
    assert session.created_by == member
    assert session.aliases == ["staging"]
    place = f"{registry.get_absolute_url()}uploads/{session.pk}/"
    assert response["HX-Replace-Url"] == place
    assert f'data-upload="{place}files/"' in response.content.decode()
    assert "<html" not in response.content.decode()
    assert 'value="staging"' in client.get(place).content.decode()


def test_a_refused_beginning_gives_the_form_back(client, registry):
    response = client.post(form_of(registry), filled(metadata="{"), headers=HTMX)

    assert response.status_code == 422
    assert "The metadata is not JSON" in words(response)
    assert "<html" not in response.content.decode()
    assert not UploadSession.objects.exists()


# Announcing


def test_what_was_announced_is_known_in_pages(client, place, monkeypatch):
    monkeypatch.setattr("registries.views.uploads.FILES", 1)

    said = announce(client, place)
    put(client, place, "weights.bin", b"weights")
    first = client.get(f"{place}files/").json()
    second = client.get(f"{place}files/{first['next']}").json()

    assert said.json() == {"files": 2, "bytes": 9}
    assert first["files"] == [["weights.bin", 7, digest(b"weights")]]
    assert second == {"files": [["tokenizer/vocab.json", 2, None]], "next": ""}


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ('{"files": [["a", 1]]}', "text/plain", 400),
        ('{"files": [["a", 1]]}', "application/x-www-form-urlencoded", 400),
        *(
            (body, "application/json", 400)
            for body in ("[]", "{}", '"a"', "null", '{"files": {}}', '{"files": [1]}')
        ),
        ('{"files": [["a"]]}', "application/json", 400),
        ('{"files": [["a", 1]], "more": 1}', "application/json", 400),
        (" ", "application/json", 422),
        ("{", "application/json", 422),
        ("\xff", "application/json", 422),
        ("[" * 100_000, "application/json", 422),
        ('{"files": [["a", %s]]}' % ("9" * 5000), "application/json", 422),
        ('{"files": [["a", 9223372036854775808]]}', "application/json", 422),
        ('{"files": [["a", -1]]}', "application/json", 422),
        ('{"files": [["a", 1e400]]}', "application/json", 422),
        ('{"files": [["a", null]]}', "application/json", 422),
        ('{"files": [[["a"], 1]]}', "application/json", 422),
        ('{"files": [["\\ud800", 1]]}', "application/json", 422),
        ('{"files": [["a\\u0000", 1]]}', "application/json", 422),
        ('{"files": [["../a", 1]]}', "application/json", 422),
        ('{"files": [["/a", 1]]}', "application/json", 422),
        ('{"files": [["a", 1], ["a", 1]]}', "application/json", 422),
        (json.dumps({"files": [["a" * 200, 1]] * 6000}), "application/json", 413),
        (
            json.dumps({"files": [[str(n), 1] for n in range(1001)]}),
            "application/json",
            413,
        ),
        ('{"files": [["%s", 1]]}' % ("a" * 3_000_000), "application/json", 413),
    ],
    ids=lambda value: str(value)[:40],
)
def test_bad_lines_are_refused_with_a_clean_answer(client, place, body, kind, status):
    with unchanged():
        response = client.generic(
            "POST", f"{place}files/", body.encode("latin-1", "replace"), kind
        )

    assert response.status_code == status


def test_a_page_that_is_none_is_refused(client, place):
    assert client.get(f"{place}files/?after=x").status_code == 400


# Files


def test_files_go_up_one_by_one_and_become_a_version(client, place, registry):
    send_all(client, place)

    response = client.post(f"{place}finish/", {"aliases": "staging"}, headers=HTMX)

    version = Version.objects.get(collection__registry=registry)
    assert response["HX-Redirect"] == version.get_absolute_url()
    assert version.artifact.file_count == 2
    assert version.aliases.filter(name="staging").exists()


def test_names_of_all_kinds_find_their_way(client, place, registry):
    names = ["ä b.txt", "a%2Fb", "100%", "a?b", "a#b", "a+b", "…/é", "-", "a\\b", "&;="]
    announce(client, place, [[name, 1] for name in names])

    for name in names:
        address = reverse(
            "registries:upload_file",
            args=[
                registry.organization.name,
                registry.name,
                UploadSession.objects.get().pk,
                name,
            ],
        )
        assert client.put(address, b"1").status_code == 204, name

    client.post(f"{place}finish/", {"aliases": ""})
    artifact = Version.objects.get(collection__registry=registry).artifact
    assert set(artifact.entries.values_list("path", flat=True)) == set(names)


@pytest.mark.parametrize(
    ("path", "content", "status"),
    [
        ("weights.bin", b"weights!", 413),
        ("weights.bin", b"weight", 422),
        ("unknown", b"weights", 404),
        ("weights.bin/", b"weights", 422),
        ("a//b", b"weights", 422),
    ],
)
def test_what_was_not_announced_so_leaves_nothing(client, place, path, content, status):
    announce(client, place)

    with unchanged():
        assert put(client, place, path, content).status_code == status
    assert staged() == []


@pytest.mark.parametrize(
    ("status", "lies"),
    [
        (411, {"HTTP_TRANSFER_ENCODING": "chunked"}),
        *(
            (411, {"CONTENT_LENGTH": length})
            for length in ("", "-7", "seven", "²", "9" * 40)
        ),
        (413, {"CONTENT_LENGTH": "9223372036854775808"}),
        (422, {"CONTENT_LENGTH": "0"}),
        (422, {"read": b"wei"}),
    ],
    ids=str,
)
def test_a_length_that_lies_leaves_nothing(client, place, status, lies):
    announce(client, place)
    read = BytesIO(lies.get("read", b"weights"))

    with unchanged():
        response = put(
            client, place, "weights.bin", b"weights", **{"wsgi.input": read} | lies
        )

    assert response.status_code == status
    assert staged() == []


def test_a_body_that_ends_early_is_refused(client, place):
    class Broken(BytesIO):
        def read(self, *args):
            raise OSError

    announce(client, place)
    with unchanged():
        response = put(client, place, "weights.bin", b"weights", **{"wsgi.input": Broken()})

    assert response.status_code == 400


def test_a_body_is_read_a_piece_at_a_time(client, place, monkeypatch):
    monkeypatch.setattr("registries.storage.bodies.CHUNK", 2)
    sizes: list[int] = []

    class Counted(BytesIO):
        def read(self, size: int = -1):
            sizes.append(size)
            return super().read(size)

    announce(client, place)
    stream = Counted(b"weights")
    response = put(client, place, "weights.bin", b"weights", **{"wsgi.input": stream})

    assert response.status_code == 204
    assert 0 < max(sizes) <= 2


@pytest.mark.parametrize(
    ("status", "given"),
    [
        (204, f"sha-256=:{digest(b'weights')}:"),
        (422, f"sha-256=:{digest(b'WEIGHTS')}:"),
        (400, f"sha-256={digest(b'weights')}"),
        (400, f"sha-256=:{digest(b'weights')}"),
        (400, "sha-256=:d2VpZ2h0cw==:"),
        (400, "md5=:d2VpZ2h0cw==:"),
        (400, ""),
    ],
)
def test_bytes_are_those_that_the_sender_named(client, place, status, given):
    announce(client, place)

    response = put(client, place, "weights.bin", b"weights", HTTP_CONTENT_DIGEST=given)

    assert response.status_code == status
    assert UploadSession.objects.get().received_count == (status == 204)
    assert staged() == []


def test_a_sent_file_is_sent_again_in_vain(client, place):
    announce(client, place)

    statuses = [
        put(client, place, "weights.bin", content).status_code
        for content in (b"weights", b"weights", b"WEIGHTS")
    ]

    assert statuses == [204, 204, 409]


def test_no_other_method_and_no_form_from_elsewhere_gets_through(place, member):
    client = Client(enforce_csrf_checks=True)
    client.force_login(member)
    announced = {"content_type": "application/json", "data": '{"files": [["a", 1]]}'}

    with unchanged():
        assert client.post(f"{place}files/", **announced).status_code == 403
        assert put(client, place, "weights.bin", b"weights").status_code == 403
        for step in ("finish/", "cancel/"):
            assert client.post(f"{place}{step}").status_code == 403
            assert client.get(f"{place}{step}").status_code == 405
        for method in (client.get, client.post, client.delete, client.patch):
            assert method(f"{place}files/weights.bin").status_code in {403, 405}


# The end


def test_an_end_that_comes_too_early_says_how_many_are_missing(client, place):
    announce(client, place)
    put(client, place, "weights.bin", b"weights")

    plain = client.post(f"{place}finish/", {"aliases": ""})
    part = client.post(f"{place}finish/", {"aliases": ""}, headers=HTMX)

    for response in (plain, part):
        assert response.status_code == 409
        assert "1 of 2 files are still missing." in words(response)
    assert "<h1" not in part.content.decode()


def test_an_alias_protected_meanwhile_is_refused_at_its_field(client, place, registry):
    send_all(client, place)
    protect_alias(registry, "golden", by=SYSTEM)

    refused = client.post(f"{place}finish/", {"aliases": "golden"}, headers=HTMX)
    response = client.post(f"{place}finish/", {"aliases": "best"}, headers=HTMX)

    assert refused.status_code == 403
    assert "needs the role Admin" in words(refused)
    assert 'value="golden"' in refused.content.decode()
    assert "HX-Redirect" in response


def test_what_is_over_leads_to_the_version_and_takes_nothing_more(
    client, place, registry, watcher
):
    send_all(client, place)
    version = client.post(f"{place}finish/", {"aliases": ""})["Location"]

    assert client.get(place)["Location"] == version
    assert watcher.get(place, headers=HTMX)["HX-Redirect"] == version
    with unchanged():
        for response in (
            announce(client, place),
            put(client, place, "weights.bin", b"WEIGHTS"),
            client.get(f"{place}files/"),
            client.post(f"{place}finish/", {"aliases": ""}),
            client.post(f"{place}cancel/"),
        ):
            assert response.status_code == 409
            assert "it became churn:v0" in words(response)


def test_who_watches_what_is_cancelled_is_told_and_asks_no_more(client, place, watcher):
    target = HTMX | {"HX-Target": "progress"}
    before = watcher.get(place, headers=target)
    client.post(f"{place}cancel/")

    after = watcher.get(place, headers=target)

    assert "hx-get" in before.content.decode()
    assert "This upload is over" in words(after)
    assert "hx-get" not in after.content.decode()
    assert watcher.get(place, headers=HTMX).status_code == 404


def test_who_cancels_comes_back_to_where_it_was(client, place, registry):
    announce(client, place)

    page = client.post(f"{place}cancel/", follow=True)

    assert page.redirect_chain == [(registry.get_absolute_url(), 302)]
    assert "The upload to churn was cancelled." in words(page)
    assert not UploadSession.objects.exists()
    assert client.get(place).status_code == 404
    assert client.post(f"{place}cancel/").status_code == 404


# Who


def everything(client: Client, place: str) -> list[int]:
    """What each change of an upload is answered."""
    return [
        response.status_code
        for response in (
            announce(client, place, [["more", 1]]),
            put(client, place, "weights.bin", b"weights"),
            client.get(f"{place}files/"),
            client.post(f"{place}finish/", {"aliases": ""}),
            client.post(f"{place}cancel/"),
        )
    ]


@pytest.mark.parametrize("kind", ALL_KINDS)
@pytest.mark.parametrize("someone", PEOPLE)
def test_others_see_how_far_it_is_and_change_nothing(cast, kind, someone):
    registry = cast.registry(kind)
    client = signed_in(cast.person("member"))
    place = client.post(form_of(registry), filled(), headers=HTMX)["HX-Replace-Url"]
    announce(client, place)
    other = Client()
    if someone != ANONYMOUS:
        other.force_login(cast.person(someone))
    if someone == "member":
        return

    with unchanged():
        page, changes = other.get(place), everything(other, place)

    if someone in {ANONYMOUS, "deactivated"}:
        assert (page.status_code, set(changes)) == (302, {302})
    elif role_of(someone, kind, "Viewer") == "-":
        assert (page.status_code, set(changes)) == (404, {404})
    else:
        assert "0 of 2 files" in words(page)
        assert "by Member" in words(page)
        assert "data-finish" not in page.content.decode()
        assert set(changes) == {403}
        assert (other.get(form_of(registry)).status_code == 200) is has_right(
            someone, "link_artifact", kind, "Viewer"
        )


def test_an_upload_is_found_in_its_own_registry_only(client, place, member):
    elsewhere = RegistryFactory(organization=member.memberships.get().organization)
    set_role(elsewhere, member, Role.ADMIN, by=SYSTEM)
    pk = UploadSession.objects.get().pk
    wrong = f"{elsewhere.get_absolute_url()}uploads/{pk}/"

    with unchanged():
        assert client.get(wrong).status_code == 404
        assert set(everything(client, wrong)) == {404}


def test_the_id_of_somebody_elses_artifact_is_no_upload(client, registry):
    hidden = linked_version(RegistryFactory()).artifact_id
    pending = Artifact.objects.create(
        source=Artifact.objects.get(pk=hidden).source, type="model"
    )

    for pk in (hidden, pending.pk, 0, 2**63 - 1):
        wrong = f"{registry.get_absolute_url()}uploads/{pk}/"
        with unchanged():
            assert client.get(wrong).status_code == 404
            assert set(everything(client, wrong)) == {404}


def test_who_was_demoted_or_lost_the_registry_stops_there(client, place, registry, member):
    announce(client, place)
    set_role(registry, member, Role.VIEWER, by=SYSTEM)
    with unchanged():
        assert put(client, place, "weights.bin", b"weights").status_code == 403
        assert client.post(f"{place}finish/", {"aliases": ""}).status_code == 403
    delete_registry(registry, by=SYSTEM)
    with unchanged():
        assert set(everything(client, place)) == {404}


# What others see


def test_pages_show_uploads_and_ask_again_until_there_are_none(
    client, place, registry, watcher
):
    announce(client, place)
    put(client, place, "weights.bin", b"weights")
    pk = UploadSession.objects.get().pk
    page = watcher.get(registry.get_absolute_url())
    asked = f"?seen={pk}"
    poll = {"HX-Request": "true", "HX-Target": "uploading"}

    said = r"churn v0 uploading: 1 of 2 files, last byte \d+ (s|min) ago, by Ada"
    assert re.search(said, words(page))
    assert f'{asked}&amp;" hx-trigger="every 5s"' in page.content.decode()
    put(client, place, "tokenizer/vocab.json", b"{}")
    again = watcher.get(registry.get_absolute_url() + asked, headers=poll)
    assert "2 of 2 files" in words(again)
    assert "<h1" not in again.content.decode()
    client.post(f"{place}finish/", {"aliases": ""})
    last = watcher.get(registry.get_absolute_url() + asked, headers=poll)

    assert words(last) == "churn v0 is here"
    assert "hx-get" not in last.content.decode()
    assert "uploading:" not in words(watcher.get(registry.get_absolute_url()))


def test_a_collection_shows_its_own_uploads(client, place, registry, watcher):
    other = linked_version(registry, "other").collection.get_absolute_url()
    mine = linked_version(registry, "CHURN").collection.get_absolute_url()
    announce(client, place)

    assert "uploading:" not in words(watcher.get(other))
    said = r"v1 uploading: 0 of 2 files, begun \d+ (s|min) ago"
    assert re.search(said, words(watcher.get(mine)))


def test_many_uploads_are_cut_short(client, registry, watcher, monkeypatch):
    monkeypatch.setattr(uploading, "SHOWN", 1)
    for _ in range(2):
        client.post(form_of(registry), filled(), headers=HTMX)

    page = words(watcher.get(registry.get_absolute_url()))

    assert page.count("uploading: no file yet") == 1
    assert "and more" in page


@pytest.mark.parametrize("seen", ["x", "-1", "9" * 30, "²", "1&seen=2&seen=", "\x00"])
def test_asking_again_for_nonsense_is_harmless(registry, watcher, seen):
    poll = {"HX-Request": "true", "HX-Target": "uploading"}

    answer = watcher.get(f"{registry.get_absolute_url()}?seen={seen}", headers=poll)

    assert answer.status_code == 200


def test_a_version_that_is_not_of_this_registry_is_not_said_to_be_here(registry, watcher):
    version = linked_version(RegistryFactory())
    set_alias(version, "x", by=SYSTEM)
    poll = {"HX-Request": "true", "HX-Target": "uploading"}
    asked = f"{registry.get_absolute_url()}?seen={version.artifact_id}"

    assert words(watcher.get(asked, headers=poll)) == ""


def test_the_page_says_when_the_last_byte_came(client, place, watcher):
    announce(client, place)
    UploadSession.objects.update(last_byte_at=timezone.now() - timedelta(seconds=6))

    assert re.search(r"last byte ([6-9]|\d\d) s ago", words(watcher.get(place)))
