"""An organization Admin at work in the admin, with scripts and without."""

from __future__ import annotations

import pytest

TEAMS = "/admin/accounts/team/"


def says(page, words: str) -> None:
    """Wait until the admin says so."""
    page.locator(".messagelist", has_text=words).wait_for()


def make_team(page, name: str) -> None:
    page.fill("[name=name]", name)
    page.click("[name=_continue]")
    says(page, f"“{name}” was added successfully")


def test_an_admin_makes_a_team_fills_it_and_deletes_it(window):
    view = window("anouk")
    page = view.page
    view.open("/orgs/northwind/people/")
    page.get_by_role("button", name="Your account").click()
    page.get_by_role("link", name="Admin", exact=True).click()
    page.locator(".model-team .addlink").click()

    make_team(page, "observatory")
    page.get_by_label("Member: new").first.fill("karim")
    page.get_by_role("button", name="Add another Member").click()
    page.locator("[name=memberships-2-member]").fill("noor@northwind.example")
    page.locator("[name=memberships-2-member]").press("Enter")
    says(page, "“observatory” was changed successfully")

    page.get_by_role("link", name="observatory").first.click()
    page.get_by_label("Team role: karim").select_option("Viewer")
    page.get_by_label("Delete: noor").check()
    page.click("[name=_continue]")
    says(page, "“observatory” was changed successfully")
    assert page.get_by_label("Team role: karim").input_value() == "viewer"
    assert page.get_by_label("Team role: noor").count() == 0

    page.locator(".deletelink").click()
    page.get_by_role("button", name="Yes, delete").click()
    says(page, "“observatory” was deleted successfully")


@pytest.fixture
def without_scripts(chromium, demo, kept):
    context = chromium.new_context(
        java_script_enabled=False, storage_state=kept(demo, "anouk")
    )
    yield context.new_page()
    context.close()


def test_all_of_it_works_without_scripts(without_scripts, demo):
    page = without_scripts
    page.goto(f"{demo.url}{TEAMS}add/")
    make_team(page, "lighthouse")
    page.get_by_label("Member: new").first.fill("karim")
    page.click("[name=_continue]")
    says(page, "“lighthouse” was changed successfully")
    assert page.get_by_label("Member: karim").input_value() == "karim"

    page.goto(f"{demo.url}{TEAMS}?q=lighthouse")
    page.locator("[name=_selected_action]").check()
    page.select_option("[name=action]", "delete_selected")
    page.click("button[name=index]")
    page.get_by_role("button", name="Yes, I").click()

    says(page, "Successfully deleted 1 team")


def test_a_refusal_stands_at_its_field(window):
    view = window("anouk")
    view.open("/admin/registries/registry/?q=production")
    view.page.get_by_role("link", name="production-models").click()
    view.page.get_by_label("Owner").fill("nobody")

    view.page.click("[name=_save]:visible")

    error = view.page.locator(".errorlist")
    assert error.inner_text() == "Nobody in Northwind Labs is called that."
    assert view.page.get_by_label("Owner").input_value() == "nobody"
