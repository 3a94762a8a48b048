from __future__ import annotations

import logging
import re

import pytest
from django.test import Client, RequestFactory

from accounts.models import Entity, User
from registry_site import errors
from registry_site.middleware import client_address

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.registry_site.urls")]


@pytest.fixture
def user():
    entity = Entity.objects.create(name="anouk", kind=Entity.Kind.USER)
    return User.objects.create(entity=entity, email="anouk@example.org")


@pytest.fixture
def signed_in(user) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def test_every_answer_has_an_id_of_its_own_and_never_the_one_sent(client):
    sent = {"X-Request-Id": "chosen-by-somebody"}

    ids = [client.get("/healthz", headers=sent)["X-Request-Id"] for _ in range(3)]

    assert len(set(ids)) == 3
    assert all(re.fullmatch(r"[0-9a-f]{16}", value) for value in ids)


def test_the_view_knows_the_id_of_the_answer(signed_in):
    response = signed_in.get("/test/who/")

    assert response.text.endswith("|" + response["X-Request-Id"])


def test_the_log_has_one_line_a_request_without_its_secrets(signed_in, user, caplog):
    caplog.set_level(logging.INFO, "accession.request")

    signed_in.get("/test/who/?token=abcdefgh&page=2")

    (record,) = [r for r in caplog.records if r.name == "accession.request"]
    assert record.getMessage().startswith("GET /test/who/?token=[masked]&page=2 200 ")
    assert record.status == 200


def test_health_and_static_files_are_quiet_in_the_log(client, caplog):
    caplog.set_level(logging.INFO, "accession.request")

    client.get("/healthz")

    assert not caplog.records


def test_the_actor_is_who_is_signed_in(signed_in):
    assert signed_in.get("/test/who/").text.startswith("anouk|web|127.0.0.1|")


def test_the_actor_of_a_visitor_is_nobody(client):
    assert client.get("/test/who/public/").text.startswith("None|web|127.0.0.1|")


def test_a_page_that_asks_for_no_actor_costs_no_query(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    ("trusted", "forwarded", "expected"),
    [
        (False, "10.1.1.1", "127.0.0.1"),
        (True, "6.6.6.6, 10.1.1.1", "10.1.1.1"),
        (True, None, "127.0.0.1"),
        (True, "2001:db8::1", "2001:db8::1"),
        (True, "<script>", ""),
    ],
)
def test_the_address_comes_from_a_proxy_only_if_it_is_trusted(
    settings, trusted, forwarded, expected
):
    settings.TRUST_PROXY = trusted
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}

    assert client_address(RequestFactory().get("/", headers=headers)) == expected


def test_a_visitor_is_sent_to_sign_in_and_back(client):
    response = client.get("/test/who/?page=2")

    assert response.status_code == 302
    assert response.url == "/account/sign-in/?next=/test/who/%3Fpage%3D2"


def test_addresses_that_do_not_exist_look_the_same_to_a_visitor(client):
    there, not_there = client.get("/test/who/"), client.get("/test/nothing/")

    assert (there.status_code, there.content) == (not_there.status_code, not_there.content)
    assert not_there.url == "/account/sign-in/?next=/test/nothing/"
    assert {*there.headers} == {*not_there.headers}


def test_a_missing_static_file_is_404_for_everybody(client):
    assert client.get("/static/nothing.css").status_code == 404


def test_htmx_is_told_to_go_to_the_sign_in_page_and_back_to_the_page_it_is_on(client):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/test/who/"}

    response = client.get("/test/raises/denied/", headers=headers)

    assert response.status_code == 200
    assert response["HX-Redirect"] == "/account/sign-in/?next=/test/who/"


@pytest.mark.parametrize("encoded", ["false", "true"])
def test_an_address_of_htmx_that_is_none_leads_to_the_start(client, encoded):
    headers = {
        "HX-Request": "true",
        "HX-Current-URL": "http://[",
        "HX-Current-URL-URI-AutoEncoded": encoded,
    }

    response = client.get("/test/who/", headers=headers)

    assert response["HX-Redirect"] == "/account/sign-in/?next=/"


@pytest.mark.parametrize(
    ("referer", "back"),
    [
        ("http://testserver/test/who/?a=1", "/test/who/%3Fa%3D1"),
        ("https://evil.example/x", "/"),
        (None, "/"),
    ],
)
def test_a_form_of_somebody_signed_out_leads_back_to_its_page(client, referer, back):
    headers = {"Referer": referer} if referer else {}

    response = client.post("/test/raises/denied/", headers=headers)

    assert response.url == f"/account/sign-in/?next={back}"


@pytest.mark.parametrize(
    ("what", "status"),
    [
        ("denied", 403),
        ("permission", 403),
        ("invalid", 422),
        ("conflict", 409),
        ("too-large", 413),
        ("missing", 404),
        ("not-found", 404),
        ("suspicious", 400),
        ("database", 503),
        ("full", 503),
        ("broken", 500),
    ],
)
@pytest.mark.parametrize("htmx", [False, True], ids=["page", "htmx"])
def test_each_refusal_has_its_status(signed_in, what, status, htmx):
    headers = {"HX-Request": "true"} if htmx else {}

    response = signed_in.get(f"/test/raises/{what}/", headers=headers)

    assert response.status_code == status
    assert "secret detail" not in response.text


def test_a_refusal_says_why(signed_in):
    assert (
        "Downloading needs the role Viewer." in signed_in.get("/test/raises/denied/").text
    )


def test_htmx_gets_a_part_not_a_page(signed_in):
    page = signed_in.get("/test/raises/conflict/")
    part = signed_in.get("/test/raises/conflict/", headers={"HX-Request": "true"})

    assert "<html" in page.text
    assert "<html" not in part.text
    assert "The name is taken." in part.text
    assert "X-Refused" in part
    assert "X-Refused" not in page


def test_an_outage_says_when_to_try_again(signed_in):
    assert signed_in.get("/test/raises/database/")["Retry-After"] == "30"


def test_an_outage_in_the_middleware_is_an_outage_too(settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.registry_site.urls.database_away"]

    response = Client(raise_request_exception=False).get("/healthz")

    assert response.status_code == 503
    assert response["Retry-After"] == "30"


def test_what_is_made_for_one_person_stays_out_of_shared_caches(signed_in, client):
    assert signed_in.get("/test/who/")["Cache-Control"] == "private"
    assert "Cookie" in signed_in.get("/test/who/")["Vary"]


def test_too_many_attempts_say_when_to_try_again():
    response = errors.too_many(RequestFactory().get("/account/sign-in/"))

    assert response.status_code == 429
    assert response["Retry-After"] == "300"


def masked(response) -> str:
    text = response.text.replace(response["X-Request-Id"], "id")
    text = re.sub(r'nonce="[^"]*"', "nonce", text)
    return re.sub(r'"(csrfmiddlewaretoken" value=|X-CSRFToken": )"[^"]*"', "csrf", text)


@pytest.mark.parametrize("what", ["missing", "not-found"])
def test_what_is_hidden_looks_like_what_does_not_exist(signed_in, what):
    hidden, absent = signed_in.get(f"/test/raises/{what}/"), signed_in.get("/test/nothing/")

    assert hidden.status_code == absent.status_code == 404
    assert masked(hidden) == masked(absent)
    assert {*hidden.headers} == {*absent.headers}


def test_a_form_without_its_token_is_refused_in_our_words(user):
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)

    response = client.post("/test/who/")

    assert response.status_code == 403
    assert "Reload the page" in response.text


def test_a_body_over_the_limit_is_too_large(signed_in, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10

    assert signed_in.post("/test/form/", {"text": "x" * 100}).status_code == 413


def test_an_unknown_host_is_refused_before_any_view(client):
    assert client.get("/healthz", headers={"Host": "evil.example"}).status_code == 400


def test_an_error_page_shows_the_request_and_nothing_else(signed_in):
    response = signed_in.get("/test/raises/broken/")

    assert response["X-Request-Id"] in response.text
    assert "ValueError" not in response.text


def test_what_cannot_be_understood_keeps_the_way_on_for_whom_we_know(signed_in, client):
    known = signed_in.get("/test/raises/suspicious/")
    part = signed_in.get("/test/raises/suspicious/", headers={"HX-Request": "true"})
    unknown = client.get("/test/public/suspicious/")

    assert {each.status_code for each in (known, part, unknown)} == {400}
    assert 'id="sidebar"' in known.text
    assert known["X-Request-Id"] in known.text
    assert 'id="sidebar"' not in unknown.text
    assert unknown["X-Request-Id"] in unknown.text
    assert part.text.strip().startswith('<div class="notice danger" role="alert"')
