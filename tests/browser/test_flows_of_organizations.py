"""What people do with people, from page to page: with script and without."""

from __future__ import annotations

import pytest

from tests.browser.looking import check
from tests.browser.test_pages import HOME, PRODUCTION

PEOPLE = "/orgs/northwind/people/"
TEAMS = "/orgs/northwind/teams/"


@pytest.fixture
def invite(person):
    """`invite(email)` sends an invitation, as anouk; the answer is her window."""

    def send(email: str):
        view = person("anouk")
        view.open(PEOPLE)
        view.follow("Invite people…")
        view.fill("E-mail", email)
        view.press("Send invitation")
        view.reads(f"{email} is invited; the link is on its way.")
        return view

    return send


def test_somebody_new_is_invited_and_signs_up(person, invite, worked_on):
    view = invite("ines@northwind.example")
    assert "Member" in view.row("ines@northwind.example").inner_text()
    check(view, "people-invited")

    new = person()
    new.open(worked_on.mailed("ines@northwind.example"))
    check(new, "invitation-sign-up")
    new.fill("Your name", "Inês Carvalho")
    new.fill("Username", "noor")
    new.fill("Password", worked_on.password)
    new.press("Create account and join")
    new.page.locator(".error").wait_for()
    new.fill("Username", "ines")
    new.fill("Password", worked_on.password)
    new.press("Create account and join")

    new.page.wait_for_url("**/orgs/northwind/registry/")
    view.open(PEOPLE)
    assert "ines@northwind.example" in view.row("Inês Carvalho").inner_text()
    assert view.page.get_by_role("heading", name="Invitations").count() == 0


def test_an_invitation_is_accepted_by_somebody_signed_in(person, invite, worked_on):
    invite("ada@northwind.example")
    path = worked_on.mailed("ada@northwind.example")
    assert person("marco").open(path) == 404

    view = person("ada")
    view.open(path)
    check(view, "invitation")
    view.press("Accept invitation")

    view.reads("You are in Northwind Labs now.")
    assert view.open(path) == 404


def test_an_invitation_is_accepted_after_signing_in(person, invite, worked_on):
    invite("marco@harbour.example")
    view = person()
    view.open(worked_on.mailed("marco@harbour.example"))
    check(view, "invitation-sign-in")
    view.follow("Sign in to accept")
    view.fill("E-mail or username", "marco")
    view.fill("Password", worked_on.password)
    view.press("Sign in")
    view.press("Accept invitation")

    view.page.wait_for_url("**/orgs/northwind/registry/")
    view.reads("You are in Northwind Labs now.")


def test_an_invitation_is_sent_again_and_revoked(person, invite, worked_on):
    email, visitor = "late@northwind.example", person()
    view = invite(email)
    first = worked_on.mailed(email)

    view.press(f"Resend the invitation of {email}")
    view.reads(f"{email} gets a new link; the one before is dead.")
    second = worked_on.mailed(email)
    assert (visitor.open(first), visitor.open(second)) == (404, 200)
    view.press(f"Revoke the invitation of {email}")

    view.reads(f"The invitation of {email} is revoked.")
    assert visitor.open(second) == 404


def test_an_organization_role_is_changed_and_found_again(person):
    view = person("anouk")
    view.open(PEOPLE)

    view.choose_at_once("Organization role of Noor Bakker", "Viewer")
    view.reads("Noor Bakker is Viewer now.")
    view.fill("Find people", "noor@")
    if not view.scripted:
        view.press("Search")
    view.page.wait_for_url("**member=noor**")

    chosen = view.field("Organization role of Noor Bakker")
    assert chosen.input_value() == "viewer"
    assert view.page.locator("#members tbody tr").count() == 1


def test_somebody_is_removed_after_a_look_at_what_ends(person):
    other = person("tomasz")
    assert other.open(f"{HOME}fraud-detection/") == 200
    view = person("anouk")
    view.open(PEOPLE)
    view.follow("Remove Tomasz Wójcik…")

    listed = view.page.locator("dialog .facts").inner_text()
    assert "fraud-detection, passes to you" in listed
    assert "Member in production-models" in listed
    assert "risk-modeling" in listed
    check(view, "people-remove-other")
    view.press("Remove Tomasz Wójcik")

    view.reads("Tomasz Wójcik is removed and has no access any more.")
    assert other.open(HOME) == 404
    assert view.open(f"{HOME}fraud-detection/") == 200


def test_somebody_leaves(person):
    view = person("samuel")
    view.open(PEOPLE)
    view.follow("Leave Northwind Labs…")
    view.press("Leave Northwind Labs")

    view.reads("You left Northwind Labs.")
    assert view.open(HOME) == 404


def test_whoever_owns_a_registry_cannot_leave_yet(person):
    view = person("lea")
    view.open(PEOPLE)
    view.follow("Leave Northwind Labs…")

    view.reads("Move the ownership of what you own first")
    assert view.ahead.locator("button[type=submit]").count() == 0
    view.follow("Stay")
    assert view.page.locator("dialog").count() == 0


def test_a_team_is_made_filled_and_deleted(person):
    view = person("jonas")
    view.open(TEAMS)
    view.follow("Create team…")
    view.fill("Name", "northwind")
    view.press("Create team")
    view.page.locator(".error").wait_for()
    view.fill("Name", "labelling")
    view.press("Create team")
    view.page.wait_for_url("**/teams/labelling/")

    view.follow("Add member…")
    view.fill("Member", "karim@northwind.example")
    view.press("Add new member")
    view.reads("Karim Haddad is in labelling now.")
    view.choose_at_once("Team role of Karim Haddad", "Admin")
    view.reads("Karim Haddad is Admin of labelling now.")
    view.press("Take Karim Haddad out of labelling")
    view.reads("Karim Haddad is out of labelling.")
    view.follow("Delete team…")
    view.press("Delete team")

    view.reads("The team labelling is deleted. Its projects stay.")
    assert view.open(f"{TEAMS}labelling/") == 404


def test_access_is_taken_and_its_admins_hear_of_it(person, worked_on):
    view = person("anouk")
    assert view.open(f"{HOME}llm-adapters/") == 404
    view.open("/orgs/northwind/settings/")
    view.follow("Take access to llm-adapters…")
    view.reads("You become Admin of this restricted registry.")
    view.press("Take access")

    view.reads("You are Admin of llm-adapters now. Its Admins are told by mail.")
    assert "llm-adapters" in worked_on.mailed("priya@northwind.example")


def test_a_role_is_asked_for_and_given(person, worked_on):
    view, admin = person("jonas"), person("priya")
    view.open(f"{PRODUCTION}settings/")
    view.follow("Request another role")
    view.choose("Role", "Member")
    view.fill("What do you need it for?", "Scoring the autumn campaign.")
    view.press("Request access")
    view.reads("You asked for the role Member. The Admins know.")
    admin.open(worked_on.mailed("priya@northwind.example"))
    check(admin, "settings-requests")
    admin.reads("Scoring the autumn campaign.")
    admin.press("Give role to Jonas Lindqvist")

    admin.reads("Jonas Lindqvist has the role Member now.")
    chosen = admin.field("Registry role of Jonas Lindqvist")
    assert chosen.input_value() == "member"
    assert "production-models" in worked_on.mailed("jonas@northwind.example")


def test_a_role_is_asked_for_and_declined(person, worked_on):
    view, admin = person("karim"), person("priya")
    view.open(f"{PRODUCTION}requests/new/")
    view.choose("Role", "Admin")
    view.press("Request access")
    view.reads("You asked for the role Admin. The Admins know.")
    admin.open(f"{PRODUCTION}settings/")
    no = admin.page.get_by_role("form", name="Decline Karim Haddad")
    no.get_by_label("Why not").fill("Two Admins are enough.")
    no.get_by_role("button").click()

    admin.reads("Karim Haddad was told that the answer is no.")
    worked_on.mailed("karim@northwind.example")


def test_a_program_gets_an_account_with_a_key(person):
    view = person("anouk")
    view.open("/orgs/northwind/service-accounts/")
    view.follow("Create service account…")
    view.fill("Name", "nightly-eval")
    view.press("Create account")
    view.page.wait_for_url("**/nightly-eval/")
    view.follow("Create API key…")
    view.fill("Name", "runner")
    view.press("Create API key")
    view.reads("Copy the secret now")
    check(view, "service-account-secret")
    view.page.get_by_role("link", name="Back to").click()
    view.follow("Rotate runner…")
    view.press("Rotate key")
    view.reads("Copy the secret now")
    view.page.get_by_role("link", name="Back to").click()
    view.page.wait_for_load_state()
    view.page.get_by_role("link", name="Revoke runner…").first.click()
    view.press("Revoke key")
    view.follow("Remove…")
    view.press("Remove account")

    view.page.wait_for_url("**/service-accounts/")
    assert view.row("nightly-eval").count() == 0
