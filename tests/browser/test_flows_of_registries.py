"""What people do with registries, from page to page: with script and without."""

from __future__ import annotations

from tests.browser.looking import check
from tests.browser.test_pages import HOME, PRODUCTION

EVALUATION = f"{HOME}eval-sets/settings/"


def test_a_restricted_registry_is_created(person):
    view = person("mei-ling")
    view.open(HOME)
    view.follow("Create registry")
    view.fill("Name", "Models")
    view.press("Create registry")
    view.reads("Northwind Labs already has a registry named Models.")
    check(view, "create-refused")

    view.fill("Name", "forecasts")
    view.fill("Description", "What we expect of **next year**.")
    view.choose("Registry visibility", "Restricted")
    view.choose("Accepted artifacts type", "Specify types")
    view.fill("Types", "model, report")
    view.press("Create registry")

    view.page.wait_for_url("**/registry/forecasts/")
    view.reads("Put the first version in")
    check(view, "registry-empty")
    assert view.page.locator(".page-head .badge", has_text="Restricted").count() == 1
    assert view.page.locator(".facts .type").all_inner_texts() == ["model", "report"]
    assert person("anouk").open(f"{HOME}forecasts/") == 404


def test_visibility_is_changed_after_a_look_at_who_it_concerns(person):
    view, other = person("mei-ling"), person("jonas")
    view.open(f"{HOME}speech-nl/")
    view.follow("Registry settings")

    view.choose_at_once("Registry visibility", "Restricted")
    view.reads("will lose access:")
    assert "Jonas Lindqvist" in view.page.locator("#visibility-effect").inner_text()
    assert other.open(f"{HOME}speech-nl/") == 200
    view.page.get_by_role("button", name="Restrict and remove access of").click()
    view.reads("lost access. Opening the registry again gives it back.")
    assert other.open(f"{HOME}speech-nl/") == 404

    view.choose_at_once("Registry visibility", "Organization")
    view.reads("will get access:")
    view.page.get_by_role("button", name="Open to").click()
    view.reads("people got access.")
    assert other.open(f"{HOME}speech-nl/") == 200


def test_members_are_added_by_email_and_by_username(person):
    view = person("lea")
    view.open(EVALUATION)
    view.press("Add member")
    view.fill("Member", "jonas@northwind.example, nobody-here")
    view.press("Add new member")
    view.reads("nobody-here")
    check(view, "member-refused")
    assert view.row("Jonas Lindqvist").get_by_label("Registry role").input_value() == ""

    view.fill("Member", "jonas@northwind.example, noor")
    view.choose("Registry role", "Member")
    view.fill("Reason", "They label the new sets.")
    view.press("Add new member")

    view.reads("have the role Member now.")
    check(view, "members-added")
    for name in ("Jonas Lindqvist", "Noor Bakker"):
        chosen = view.row(name).get_by_label("Registry role")
        assert chosen.input_value() == "member"


def test_a_team_gets_a_role(person):
    view = person("lea")
    view.open(f"{HOME}vision-benchmarks/settings/")
    view.press("Add member")
    view.fill("Member", "speech")
    view.press("Add new member")

    view.reads("speech has the role Viewer now.")
    assert "team of 1 person" in view.row("speech team").inner_text()
    assert "through team speech" in view.row("Mei-Ling Chen").inner_text()


def test_a_role_is_changed_in_its_row(person):
    view = person("lea")
    view.open(EVALUATION)

    view.choose_at_once("Registry role of Karim Haddad", "Admin")

    view.reads("Karim Haddad has the role Admin now.")
    assert person("karim").open(f"{HOME}eval-sets/members/add/") == 200


def test_somebody_is_searched_for_and_their_role_deleted(person):
    view = person("lea")
    view.open(EVALUATION)

    view.fill("Member", "risk")
    if not view.scripted:
        view.press("Search")
    view.page.wait_for_url("**member=risk**")
    assert view.page.locator("#members tbody tr").count() == 1
    view.press("Delete risk-modeling")

    view.reads("The team risk-modeling has no role here any more.")
    view.open(EVALUATION)
    assert view.row("risk-modeling").count() == 0


def test_a_registry_gets_another_owner(person):
    view = person("mei-ling")
    view.open(f"{HOME}speech-nl/settings/")

    view.press("Actions for Noor Bakker")
    view.follow("Make owner")
    view.reads("becomes the one accountable Admin of speech-nl")
    view.press("Make owner")

    view.reads("Noor Bakker owns speech-nl now.")
    assert "Owner" in view.row("Noor Bakker").inner_text()
    assert view.page.get_by_label("Registry role of Noor Bakker").is_disabled()
    mine = view.page.get_by_label("Registry role of Mei-Ling Chen")
    assert mine.input_value() == "admin"


def test_a_viewer_reads_the_settings_and_can_change_nothing(person):
    view = person("karim")
    view.open(PRODUCTION)
    view.follow("Registry settings")

    view.reads("You can read these settings, not change them.")
    main = view.page.locator("main")
    assert main.locator("form").count() == 1  # the search
    assert main.locator("form[method=post]").count() == 0
    buttons = main.get_by_role("button").all_inner_texts()
    assert set(buttons) - {"Search"} == {"Why?"}
    assert view.row("Priya Raman").locator("td").nth(1).inner_text() == "Admin"


def test_a_registry_is_deleted_by_its_name_and_restored(person):
    view = person("lea")
    view.open(f"{HOME}vision-benchmarks/settings/")
    view.follow("Delete registry…")
    label = "Type vision-benchmarks to confirm"
    view.fill(label, "vision")
    view.press("Delete registry")
    view.reads("This is not the name of the registry.")

    view.fill(label, "vision-benchmarks")
    view.press("Delete registry")
    view.reads("vision-benchmarks is in the trash, and can be restored for 30 days.")
    assert person("jonas").open(f"{HOME}vision-benchmarks/") == 404
    check(view, "trash-full")
    view.press("Restore vision-benchmarks")

    view.reads("vision-benchmarks is back, with everything in it.")
    assert person("jonas").open(f"{HOME}vision-benchmarks/") == 200
