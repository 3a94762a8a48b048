"""Uploading with Chromium: files and folders, breaks and their mending, who watches."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.looking import check
from tests.browser.test_pages import PRODUCTION
from tests.browser.window import Window
from tests.installation import Watch

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

FORM = f"{PRODUCTION}upload/"
PUTS = re.compile(r"/uploads/\d+/files/[^?]")
MANY = 2000


@pytest.fixture
def folder(tmp_path) -> Path:
    """Twenty files in three folders."""
    return fill(tmp_path / "my model", 20)


def fill(folder: Path, count: int) -> Path:
    for number in range(count):
        path = folder / f"part {number % 3}" / f"{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{folder} {number}")
    return folder


@pytest.fixture
def begin(window) -> Callable[..., Window]:
    """`begin(name)` opens the form of a new collection, for priya."""

    def begin(name: str) -> Window:
        view = window("priya")
        view.open(FORM)
        view.page.fill("[name=collection]", name)
        return view

    return begin


def choose(page: Page, folder: Path) -> None:
    page.set_input_files("input[webkitdirectory]", folder)
    page.wait_for_selector("[data-chosen]:has-text('chosen')", state="attached")


def submit(page: Page) -> None:
    page.click("#upload button[type=submit]:has-text('Upload')")


def arrived(page: Page) -> str:
    """Wait for the version's page; return what it says."""
    page.wait_for_url("**/v/0/", timeout=120_000)
    return page.inner_text("main")


@pytest.fixture
def stuck(begin, folder, request) -> Iterator[Page]:
    """An upload of twenty files, of which five are there and four do not move."""
    view = begin(request.node.name)
    page, seen = view.page, []

    def let_five_through(route: Route) -> None:
        seen.append(route.request.url)
        if len(seen) <= 5:
            route.continue_()

    page.route(PUTS, let_five_through)
    choose(page, folder)
    submit(page)
    page.wait_for_selector("[data-line]:has-text('5 of 20 files')")
    yield page
    view.complaints.clear()  # what was on its way when the page was left


# What goes through


def test_several_files_become_a_version(begin, tmp_path):
    names = ["weights.bin", "ä ö & <b>.txt", "100% #1?.json", "empty"]
    for name in names:
        (tmp_path / name).write_bytes(b"" if name == "empty" else name.encode())
    page = begin("several").page
    page.fill("[name=aliases]", "staging")
    page.fill("[name=metadata]", '{"auc": 0.93}')
    page.set_input_files("input[multiple]", [tmp_path / name for name in names])

    submit(page)
    said = arrived(page)

    assert "v0 is here." in said
    assert "4 files" in said
    assert all(name in said for name in [*names, "staging", "0.93"])


def test_a_folder_keeps_its_paths_but_not_its_own_name(begin, folder):
    page = begin("folder").page
    choose(page, folder)

    assert page.inner_text("[data-chosen]").startswith("20 files chosen, ")
    submit(page)
    said = arrived(page)

    assert "20 files" in said
    assert "part 2" in said
    assert "my model" not in said


@pytest.mark.nightly
@pytest.mark.timeout(300)
def test_two_thousand_files_in_one_folder(begin, tmp_path, figure):
    page = begin("many").page
    choose(page, fill(tmp_path / "many", MANY))

    began = time.monotonic()
    submit(page)
    page.wait_for_selector(f"[data-line]:has-text('of {MANY} files')")
    listed = page.locator("[data-active] li").count()
    said = arrived(page)

    figure(f"{MANY} files through Chromium: {time.monotonic() - began:.1f} s")
    assert listed <= 4
    assert f"{MANY} files" in said


@pytest.mark.nightly
@pytest.mark.timeout(1800)
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_file_of_one_gibibyte_takes_no_memory(begin, tmp_path, demo, figure):
    path, block = tmp_path / "large.bin", bytearray(os.urandom(1 << 20))
    with path.open("wb") as file:
        for number in range(1024):
            block[:8] = number.to_bytes(8)
            file.write(block)
    page = begin("large").page
    page.set_input_files("input[multiple]", path)

    began = time.monotonic()
    with Watch(demo) as watch:
        submit(page)
        page.wait_for_url("**/v/0/", timeout=1_500_000)
    seconds = time.monotonic() - began
    path.unlink()

    rate, grown = (1 << 30) / seconds / 1e6, watch.grown / 1e6
    figure(f"1 GiB through Chromium: {seconds:.1f} s, {rate:.0f} MB/s, +{grown:.1f} MB")
    assert "1.1 GB" in page.inner_text("main")
    assert watch.grown < 64 << 20


def test_files_and_folders_are_dropped(begin, folder, tmp_path):
    (tmp_path / "beside.txt").write_text("beside")
    page = begin("dropped").page

    drop(page, [folder, tmp_path / "beside.txt"])
    page.wait_for_selector("[data-chosen]:has-text('21 files')")
    submit(page)
    said = arrived(page)

    assert "21 files" in said
    assert "my model" in said  # beside a file, a folder keeps its name


def drop(page: Page, paths: list[Path]) -> None:
    """Drop files of this machine into the box, as a file manager does."""
    box = page.locator("[data-drop]").bounding_box()
    place = {"x": box["x"] + 5, "y": box["y"] + 5}
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    session = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, **place, "data": data})


SLOW_FOLDERS = """() => {
  const entry = DataTransferItem.prototype.webkitGetAsEntry;
  const gate = new Promise((done, fail) => Object.assign(window, { goOn: done, fail }));
  DataTransferItem.prototype.webkitGetAsEntry = function () {
    const found = entry.call(this);
    const reader = Object.getPrototypeOf(found.createReader());
    const read = reader.readEntries;
    reader.readEntries = function (done, fail) {
      gate.then(() => read.call(this, done, fail), fail);
    };
    return found;
  };
}"""
"""Folders are walked after `goOn()`; after `fail()` they cannot be read."""


def test_a_folder_is_waited_for_that_is_still_walked(begin, folder):
    page = begin("walked").page
    page.evaluate(SLOW_FOLDERS)
    page.set_input_files("input[multiple]", __file__)
    drop(page, [folder])
    page.wait_for_selector("[data-chosen]:has-text('Looking through the folder')")

    submit(page)
    page.wait_for_selector("[data-line]:has-text('1 of 1 file')")
    page.wait_for_timeout(300)  # in which it would publish what is there
    page.evaluate("() => goOn()")

    assert "21 files" in arrived(page)


def test_a_folder_that_cannot_be_read_is_not_left_out(begin, folder):
    page = begin("unread").page
    page.evaluate(SLOW_FOLDERS)
    page.set_input_files("input[multiple]", __file__)
    drop(page, [folder])
    submit(page)
    page.wait_for_selector("[data-line]:has-text('1 of 1 file')")

    page.evaluate("() => fail()")
    page.wait_for_selector("[data-chosen]:has-text('could not be read')")
    page.wait_for_timeout(300)  # in which it would publish what is there
    choose(page, folder)

    assert "21 files" in arrived(page)


def test_known_content_is_recognised(begin, folder):
    for _ in range(2):
        page = begin("known").page
        choose(page, folder)
        submit(page)
        said = arrived(page)

    assert "The content is known already: this is v0." in said


def test_without_javascript_one_file_goes_with_the_form(chromium, demo, kept, tmp_path):
    (tmp_path / "alone.bin").write_bytes(b"alone")
    context = chromium.new_context(
        java_script_enabled=False, storage_state=kept(demo, "priya")
    )
    page = context.new_page()
    page.goto(f"{demo.url}{FORM}")
    page.fill("[name=collection]", "plain")
    page.click("main button[type=submit]")
    refused = page.inner_text("#id_file_error")

    page.set_input_files("[name=file]", tmp_path / "alone.bin")
    page.fill("[name=metadata]", "{}")
    page.click("main button[type=submit]")
    said = arrived(page)
    context.close()

    assert refused == "Choose a file."
    assert "alone.bin" in said


def test_the_keyboard_is_enough(begin, folder):
    page = begin("keyboard").page

    with page.expect_file_chooser() as chooser:
        page.press("input[multiple]", "Space")
    chooser.value.set_files(sorted(folder.rglob("*.txt"))[:2])
    page.focus("[name=collection]")
    page.keyboard.press("Enter")

    assert "2 files" in arrived(page)


# What breaks, and is mended


def test_a_wrong_field_keeps_what_was_chosen(begin, folder):
    view = begin("wrong")
    page = view.page
    choose(page, folder)
    page.fill("[name=metadata]", "{")
    submit(page)
    page.wait_for_selector("#id_metadata_error")
    view.complaints.clear()

    assert page.inner_text("[data-chosen]").startswith("20 files chosen")
    page.fill("[name=metadata]", "{}")
    submit(page)

    assert "20 files" in arrived(page)


def test_a_put_that_fails_is_tried_again(begin, folder):
    view = begin("flaky")
    page = view.page
    failures: list[str] = []

    def fail_twice(route: Route) -> None:
        if route.request.url.endswith("/7.txt") and len(failures) < 2:
            failures.append(route.request.url)
            if len(failures) == 1:
                route.abort()
            else:
                route.fulfill(status=503, body="away")
        else:
            route.continue_()

    page.route(PUTS, fail_twice)
    choose(page, folder)
    submit(page)
    said = arrived(page)
    view.complaints.clear()

    assert len(failures) == 2
    assert "20 files" in said


def test_a_put_that_is_refused_is_named_and_tried_again_by_hand(begin, folder):
    view = begin("refused")
    page = view.page
    refusal = '<div role="alert"><p>It broke on the way.</p></div>'
    page.route(
        re.compile(r"/7\.txt$"), lambda route: route.fulfill(status=422, body=refusal)
    )
    choose(page, folder)
    submit(page)
    page.wait_for_selector("[data-line]:has-text('19 of 20 files')")
    page.wait_for_selector("[data-trouble]:has-text('1 file did not arrive')")
    view.complaints.clear()
    named = page.inner_text("[data-failed]")

    page.unroute_all()
    page.click("[data-retry]")

    assert named == "part 1/7.txt: It broke on the way."
    assert "20 files" in arrived(page)


def test_files_chosen_meanwhile_are_sent_once_whatever_breaks(begin, folder):
    view = begin("meanwhile")
    page = view.page
    announced = re.compile(r"/files/$")
    held: list[Route] = []
    sent: list[str] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.on("request", lambda request: request.method == "PUT" and sent.append(request.url))
    page.route(re.compile(r"/files/\?$"), lambda route: route.abort(), times=1)
    page.route(announced, hold)
    choose(page, folder)
    submit(page)
    page.wait_for_selector("[data-what]:has-text('No connection.')")
    view.complaints.clear()

    with page.expect_request(announced):
        page.click("[data-retry]")
    page.set_input_files("input[multiple]", __file__)
    with page.expect_request(announced):
        held.pop().continue_()
    page.wait_for_selector("[data-line]:has-text('20 of 20 files')")
    page.wait_for_timeout(300)  # in which it would publish what is there
    held.pop().abort()
    page.unroute_all()
    page.wait_for_selector("[data-what]:has-text('No connection.')")
    page.wait_for_timeout(300)
    view.complaints.clear()
    page.click("[data-retry]")

    assert "21 files" in arrived(page)
    assert len(sent) == len(set(sent)) == 21


def test_after_a_reload_only_what_is_missing_is_sent(stuck, folder):
    sent = []
    stuck.on("dialog", lambda dialog: dialog.accept())
    stuck.reload()
    stuck.unroute_all()
    before = stuck.inner_text("main")
    stuck.on("request", lambda request: PUTS.search(request.url) and sent.append(request))

    choose(stuck, folder)

    assert "5 of 20 files" in before
    assert "choose the same files again" in before
    assert "20 files" in arrived(stuck)
    assert len(sent) == 15


def test_another_file_than_before_is_told_apart(stuck, folder):
    stuck.on("dialog", lambda dialog: dialog.accept())
    stuck.reload()
    stuck.unroute_all()
    changed = folder / "part 1" / "19.txt"
    content = changed.read_bytes()
    changed.write_bytes(content + b" and more")

    choose(stuck, folder)
    stuck.wait_for_selector("[data-trouble]:has-text('part 1/19.txt')")
    changed.write_bytes(content)
    choose(stuck, folder)

    assert "20 files" in arrived(stuck)


def test_other_bytes_than_those_that_arrived_are_told_apart(stuck, folder):
    stuck.on("dialog", lambda dialog: dialog.accept())
    stuck.reload()
    stuck.unroute_all()
    known = stuck.request.get(f"{stuck.url}files/").json()["files"]
    changed = folder / next(path for path, _, digest in known if digest)
    content = changed.read_bytes()
    changed.write_bytes(content[::-1])

    choose(stuck, folder)
    stuck.wait_for_selector("[data-line]:has-text('20 of 20 files')")
    stuck.wait_for_selector("[data-trouble]:has-text('other bytes')")
    stuck.click("[data-retry]")
    stuck.wait_for_timeout(500)
    still = stuck.url
    changed.write_bytes(content)
    choose(stuck, folder)

    assert "/uploads/" in still
    assert "20 files" in arrived(stuck)


def test_bytes_that_change_on_their_way_are_refused(begin, folder):
    view = begin("damaged")
    page = view.page

    def damage(route: Route) -> None:
        route.continue_(post_data=(folder / "part 1" / "7.txt").read_bytes()[::-1])

    page.route(re.compile(r"/7\.txt$"), damage)
    choose(page, folder)
    submit(page)
    page.wait_for_selector("[data-failed]:has-text('other bytes than were sent')")
    view.complaints.clear()
    page.unroute_all()
    page.click("[data-retry]")

    assert "20 files" in arrived(page)


def test_going_back_from_the_version_uploads_nothing_again(window, folder):
    view = window("priya")
    page, sent = view.page, []
    view.open(PRODUCTION)
    page.click(".head-actions a:has-text('Upload')")
    page.fill("[name=collection]", "back")
    choose(page, folder)
    submit(page)
    arrived(page)
    page.on("request", lambda request: request.method != "GET" and sent.append(request))

    for before in ("**/v/0/", f"**{PRODUCTION}"):  # the upload is over, and leads there
        page.go_back(wait_until="commit")
        page.wait_for_url(before, wait_until="commit")  # a kept page does not load

    assert sent == []


def test_nobody_leaves_by_mistake(stuck):
    with stuck.expect_event("dialog") as asked:
        stuck.close(run_before_unload=True)
    asked.value.dismiss()

    assert asked.value.type == "beforeunload"
    assert "5 of 20 files" in stuck.inner_text("[data-line]")


def test_a_pause_stops_the_bytes_and_going_on_sends_the_rest(stuck):
    stuck.click("[data-pause]")
    stuck.wait_for_selector("[data-line]:has-text('paused')")
    stuck.wait_for_selector("[data-active]:not(:has(li))", state="attached")
    stuck.unroute_all()

    stuck.click("[data-pause]:has-text('Go on')")

    assert "20 files" in arrived(stuck)


def test_a_cancelled_upload_is_gone(stuck):
    address = stuck.url
    stuck.click("text=Cancel upload…")
    assert stuck.locator("dialog:modal :focus").get_attribute("aria-label") == "Close"
    stuck.click("dialog button[type=submit]")
    stuck.wait_for_url(f"**{PRODUCTION}")
    said = stuck.inner_text("#messages")
    gone = stuck.request.get(address).status

    assert said.endswith(" was cancelled.")
    assert gone == 404


def test_an_alias_protected_meanwhile_is_changed_at_the_end(window, folder):
    place = "/orgs/northwind/registry/eval-sets/"
    view, owner = window("karim"), window("lea")
    page = view.page
    view.open(f"{place}upload/")
    page.fill("[name=collection]", "late")
    page.fill("[name=aliases]", "golden")
    page.route(PUTS, lambda route: None)
    choose(page, folder)
    submit(page)
    page.wait_for_selector("[data-active] li")
    owner.open(f"{place}settings/")
    owner.fill("Aliases", "golden")
    owner.press("Protect alias")
    owner.page.wait_for_selector("#aliases :text('golden is protected')")
    go_on(page)
    page.wait_for_selector("#id_aliases_error")
    view.complaints.clear()
    refused = page.inner_text("#id_aliases_error")

    page.fill("[name=aliases]", "")
    page.click("text=Publish version")

    assert "needs the role Admin" in refused
    assert "20 files" in arrived(page)


def go_on(page: Page) -> None:
    """Let the requests through that were held, by a pause."""
    page.click("[data-pause]:has-text('Pause')")
    page.unroute_all()
    page.click("[data-pause]:has-text('Go on')")


# What others see


def test_somebody_else_sees_it_go_on_and_arrive(stuck, window):
    watcher = window("jonas").page
    watcher.goto(stuck.url.partition("/uploads/")[0])
    watcher.wait_for_selector("#uploading :text('v0 uploading: 5 of 20 files') >> nth=-1")
    watcher.click("#uploading a >> nth=-1")
    watcher.wait_for_url("**/uploads/*/")
    shown = watcher.inner_text("main")
    watcher.go_back(wait_until="commit")
    go_on(stuck)
    arrived(stuck)

    watcher.click("#uploading p:has-text('v0 is here') a", timeout=60_000)

    assert "last byte" in shown
    assert "Publish version" not in shown
    assert "20 files" in arrived(watcher)


def test_a_slow_network_shows_how_far_it_is(begin, tmp_path):
    (tmp_path / "slow.bin").write_bytes(bytes(4_000_000))
    page = begin("slow").page
    session = page.context.new_cdp_session(page)

    def limit(upload: int) -> None:
        limits = {"offline": False, "latency": 50, "downloadThroughput": -1}
        limits["uploadThroughput"] = upload
        session.send("Network.emulateNetworkConditions", limits)

    limit(100_000)
    page.set_input_files("input[multiple]", tmp_path / "slow.bin")
    submit(page)
    line = page.locator("[data-line]", has_text=re.compile("0 of 1 file, [1-9]"))
    line.wait_for()
    bar = page.evaluate("document.querySelector('progress').value")
    limit(-1)

    assert 0 < bar < 4_000_000
    assert "slow.bin" in arrived(page)


# What it looks like


def test_an_upload_under_way_in_every_look(begin, folder):
    view = begin("looked at")
    page = view.page
    page.route(PUTS, lambda route: None)
    choose(page, folder)
    submit(page)
    page.wait_for_selector("[data-active] li")
    check(view, "upload-running")
    page.click("[data-pause]")
    page.wait_for_selector("[data-line]:has-text('paused')")
    check(view, "upload-paused")
    page.click("text=Cancel upload…")
    check(view, "upload-cancel")
    page.click("dialog button[type=submit]")
    page.wait_for_url(f"**{PRODUCTION}")
    view.complaints.clear()
