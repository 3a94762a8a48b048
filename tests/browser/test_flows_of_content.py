"""What people do with collections and versions: with script and without."""

from __future__ import annotations

from tests.browser.looking import check
from tests.browser.test_pages import CHURN, PRODUCTION
from tests.browser.window import Window

LONG = "a-name-that-goes-on-and-on-" * 4


def version_of(view: Window, place: int = 0) -> int:
    """The number of a version of the collection, counted from the newest."""
    view.open(f"{CHURN}versions/")
    numbers = view.page.locator("table .ver").all_inner_texts()
    return int(numbers[place].removeprefix("v"))


def act(view: Window, then: str) -> None:
    """Choose from the menu of a page's head."""
    view.page.get_by_role("button", name="More actions for").click()
    view.page.get_by_role("link", name=then, exact=True).click()
    view.page.locator("dialog[open]").wait_for()


def test_an_alias_is_added_moved_and_the_move_undone(person):
    view = person("tomasz")
    newest, older = version_of(view), version_of(view, 1)
    view.open(f"{CHURN}v/{older}/")
    view.follow("Add an alias")
    view.page.locator("dialog[open]").wait_for()
    view.fill("Alias", "v7")
    view.press(f"Put on v{older}")
    view.page.locator("dialog[open] .error").wait_for()
    check(view, "alias-refused")
    view.fill("Alias", "best-yet")
    view.fill("Reason", "Best on the holdout.")
    view.press(f"Put on v{older}")
    view.reads(f"best-yet is on v{older} now.")

    view.open(f"{CHURN}v/{newest}/")
    view.follow("Add an alias")
    view.page.locator("dialog[open]").wait_for()
    view.fill("Alias", "best-yet")
    if view.scripted:
        view.reads("Programs that use it get")
        check(view, "alias-moves")
    view.press(f"Put on v{newest}")
    if not view.scripted:  # it says from where only now
        view.reads("Programs that use it get")
        view.press(f"Put on v{newest}")
    view.reads(f"best-yet moved from v{older} to v{newest}.")
    check(view, "alias-moved")
    view.page.locator("#messages").get_by_role("button").click()

    view.reads(f"best-yet is back on v{older}.")
    view.open(f"{CHURN}aliases/?alias=best-yet")
    assert view.page.locator("tbody tr").count() == 3
    check(view, "alias-history")


def test_an_alias_that_somebody_else_moved_meanwhile_is_not_moved_unseen(person):
    view, other = person("tomasz"), person("priya")
    newest, older = version_of(view), version_of(view, 1)
    put_alias(other, older, "contested")
    view.open(f"{CHURN}v/{newest}/")
    view.follow("Add an alias")
    view.page.locator("dialog[open]").wait_for()
    view.fill("Alias", "contested")
    if view.scripted:
        view.reads("Programs that use it get")
    put_alias(other, version_of(other, 2), "contested")

    view.press(f"Put on v{newest}")

    view.reads(f"it would move to v{newest}.")
    assert view.field("Alias").input_value() == "contested"
    check(view, "alias-stale")
    view.press(f"Put on v{newest}")
    view.reads("contested moved from")


def put_alias(view: Window, number: int, name: str) -> None:
    """Put an alias on a version, which is asked once more where it was on another one."""
    view.open(f"{CHURN}v/{number}/aliases/add/?alias={name}")
    view.press(f"Put on v{number}")
    view.reads(f"{name} ")
    view.page.locator("#messages .notice").wait_for()


def test_an_alias_is_taken_off_and_that_undone(person):
    view = person("tomasz")
    newest = version_of(view)
    put_alias(view, newest, "nightly")
    view.open(f"{CHURN}v/{newest}/")
    view.follow(f"Take nightly off v{newest}")
    view.reads("find nothing then")
    check(view, "alias-off-asked")
    view.fill("Reason", "No longer built.")
    view.press("Take alias off")
    view.reads(f"nightly is off v{newest}.")
    assert view.page.locator(".alias", has_text="nightly").count() == 0

    view.page.locator("#messages").get_by_role("button").click()

    view.reads(f"nightly is back on v{newest}.")


def test_a_member_does_not_move_a_protected_alias(person):
    view = person("tomasz")
    newest = version_of(view)
    view.open(f"{CHURN}v/{newest}/")
    view.follow("Add an alias")
    view.page.locator("dialog[open]").wait_for()
    view.fill("Alias", "production")
    if view.scripted:
        view.reads("production is protected: only Admins move it.")
    view.fill("Reason", "It is better.")
    view.press(f"Put on v{newest}")

    view.reads("needs the role Admin")
    check(view, "alias-protected")
    assert view.field("Alias").input_value() == "production"
    assert view.field("Reason").input_value() == "It is better."
    if view.scripted:
        view.page.route(
            "**/aliases/add/",
            lambda route: route.continue_(url=f"{view.url}/no/such/place/"),
        )
        view.press(f"Put on v{newest}")
        view.reads("This does not exist, or not any more.")
        check(view, "alias-gone")
        assert view.field("Reason").input_value() == "It is better."
    admin = person("priya")
    admin.open(f"{CHURN}v/{newest}/aliases/add/?alias=production")
    assert "Programs that use it get" in admin.page.locator("dialog").inner_text()


def test_tags_are_added_and_taken_off(person):
    view = person("tomasz")
    view.open(CHURN)
    view.follow("Add a tag")
    view.fill("Tags", "wo!rds")
    view.press("Add tags")
    view.page.locator("dialog[open] .error").wait_for()
    check(view, "tag-refused")
    view.fill("Tags", f"audited, {LONG}")
    view.press("Add tags")
    view.reads("is tagged with audited")
    check(view, "tagged")

    view.press(f"Take the tag {LONG} off")

    view.reads(f"{LONG} is off churn-classifier.")
    assert view.page.locator(".tag", has_text="audited").count() == 1


def test_a_card_is_written_beside_its_preview(person):
    view = person("tomasz")
    view.open(CHURN)
    view.page.get_by_role("link", name="Edit card").last.click()
    view.fill("Text", "## What it is for\n\nIt tells **who leaves**.")
    if not view.scripted:
        view.press("Show preview")
    view.page.locator("#preview strong", has_text="who leaves").wait_for()
    check(view, "card-edited")
    other = person("priya")
    other.open(f"{CHURN}card/")
    other.fill("Text", "Theirs.")
    other.press("Save card")
    other.reads("The card is saved.")

    view.press("Save card")
    view.reads("was changed by somebody else meanwhile")
    assert view.page.get_by_label("As it is now").input_value() == "Theirs."
    check(view, "card-stale")
    view.press("Replace theirs")

    view.reads("The card is saved.")
    assert "who leaves" in view.page.locator("article").inner_text()


def test_a_description_is_written(person):
    view = person("tomasz")
    view.open(f"{CHURN}v/{version_of(view)}/")
    view.page.get_by_role("link", name="Edit description").last.click()
    view.fill("Text", "Trained on **May**.")
    view.press("Save description")

    view.reads("The description is saved.")
    view.reads("Trained on")


def test_a_version_is_linked_from_the_registry(person):
    view = person("tomasz")
    view.open(PRODUCTION)
    view.follow("Link a version")
    view.fill("Version", "nobody/nothing/at-all:v1")
    view.press("Link version")
    view.reads("There is no version nobody/nothing/at-all:v1.")
    check(view, "link-refused")
    view.fill("Version", "northwind/production-models/churn-classifier:latest")
    view.fill("Collection", "churn-copies")
    view.fill("Aliases", "first, copied")
    view.press("Link version")

    view.reads("churn-copies:v0 in production-models now")
    check(view, "linked")
    assert view.page.locator(".facts-line .alias").count() == 3


def test_a_source_version_is_linked_elsewhere_and_unlinked(person):
    view = person("tomasz")
    view.open(f"{CHURN}v/{version_of(view)}/")
    view.page.locator(".aside .events a[href*='/artifacts/']").first.click()
    view.follow("Link to registry…")
    view.page.locator("dialog[open]").wait_for()
    view.choose("Registry", "production-models")
    view.fill("Collection", "churn-sources")
    check(view, "link-elsewhere")
    view.press("Link version")
    view.reads("churn-sources:v0 in production-models now")

    act(view, "Unlink version…")
    view.reads("and no later version gets its number")
    check(view, "unlink-asked")
    view.press("Unlink version")

    view.reads("churn-sources:v0 is unlinked.")
    check(view, "unlinked")


def test_a_collection_is_renamed_deleted_and_restored(person):
    view = person("tomasz")
    view.open(PRODUCTION)
    view.follow("Link a version")
    view.fill("Version", "northwind/production-models/churn-classifier:latest")
    view.fill("Collection", "short-lived")
    view.press("Link version")
    view.reads("short-lived:v0 in production-models now")
    view.open(f"{PRODUCTION}c/short-lived/")
    act(view, "Name and type…")
    view.fill("Name", "churn-classifier")
    view.press("Save name and type")
    view.reads("has a collection named churn-classifier already")
    check(view, "rename-refused")
    view.fill("Name", LONG)
    view.press("Save name and type")
    view.reads(f"The name is {LONG}, the type model.")
    check(view, "renamed")

    act(view, "Delete collection…")
    view.reads("Programs that read from it are refused at once.")
    check(view, "collection-delete-asked")
    view.press("Delete collection")
    view.reads("is in the trash, and can be restored for 30 days.")
    view.open("/orgs/northwind/trash/")
    check(view, "trash-of-collections")
    view.press(f"Restore {LONG}")

    view.reads(f"{LONG} is back, with everything in it.")


def test_many_collections_are_tagged_and_deleted_at_once(person):
    view = person("tomasz")
    for name in ("bulk-a", "bulk-b"):
        view.open(f"{PRODUCTION}link/")
        view.fill("Version", "northwind/production-models/churn-classifier:latest")
        view.fill("Collection", name)
        view.press("Link version")
        view.reads(f"{name}:v0 in production-models now")
    pick(view, "bulk-a", "bulk-b")
    check(view, "bulk-selected")
    view.press("Tag…")
    view.reads("Tag 2 collections")
    view.fill("Tag", "wo!rds")
    view.press("Add tag")
    view.page.locator("dialog[open] .error").wait_for()
    check(view, "bulk-tag-refused")
    view.fill("Tag", "outdated")
    view.press("Add tag")
    view.reads("2 collections are tagged.")

    pick(view, "bulk-a", "bulk-b", "churn-classifier")
    view.press("Delete…")
    view.reads("Delete 3 collections?")
    view.press("Delete 3 collections")
    view.reads("2 of 3 collections put into the trash")
    view.reads("holds the protected alias")
    check(view, "bulk-refused")
    view.follow("Back to the list")

    view.reads("churn-classifier")
    assert view.page.get_by_role("link", name="bulk-a").count() == 0


def pick(view: Window, *names: str) -> None:
    view.open(PRODUCTION)
    for name in names:
        view.page.get_by_label(f"Select {name}", exact=True).check()


def test_a_dialog_gives_the_focus_back_and_says_what_was_done(person):
    view = person("tomasz")
    if not view.scripted:
        return
    view.open(CHURN)
    add = view.page.get_by_role("link", name="Add a tag")
    add.focus()
    view.page.keyboard.press("Enter")
    view.page.locator("dialog[open]").wait_for()
    assert focused(view) == "id_tag"
    view.page.keyboard.press("Enter")
    view.page.locator("dialog[open] .error").wait_for()
    assert focused(view) == "id_tag"
    view.page.keyboard.press("Escape")
    view.page.locator("dialog[open]").wait_for(state="detached")
    view.focuses(add)

    act(view, "Name and type…")
    view.page.keyboard.press("Escape")
    view.focuses(view.page.get_by_label("More actions for churn-classifier"))

    add.focus()
    view.page.keyboard.press("Enter")
    view.page.locator("dialog[open]").wait_for()
    view.page.keyboard.type("by-keyboard")
    view.page.keyboard.press("Enter")
    view.reads("is tagged with by-keyboard")
    assert "by-keyboard" in view.page.evaluate("document.activeElement.innerText")


def focused(view: Window) -> str:
    """The id of what has the focus."""
    return str(view.page.evaluate("document.activeElement.id"))
