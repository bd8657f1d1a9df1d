"""The page of a graph in a real browser: clicks, keys, colours, accessibility, and no network."""

from __future__ import annotations

import pathlib
import shutil
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, sync_playwright

import llbfront
from llbfront.inspection.runs import NodeRun
from llbfront.inspection.why import explain
from llbfront.inspection.why_report import with_reasons
from tests.inspection.records import recorded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llbfront.inspection.formats import Graph

CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (make system installs it)")
APP = pathlib.Path(__file__).parent.parent.parent / "examples/golang/app"
LARGE = "\n".join(
    line
    for stage in range(100)
    for line in (
        f"FROM {'alpine' if stage < 50 else f's{stage - 50}'} AS s{stage}",
        "COPY . /",
        *(f"RUN step {stage} {n}" for n in range(9)),
    )
) + "".join(f"\nCOPY --from=s{stage} / /{stage}" for stage in range(50, 99))


def timed(graph: Graph) -> Graph:
    """The graph with a run in which each op takes a second and every third is cached."""
    seconds = [(number, 0 if number % 3 == 0 else 10**9) for number in range(len(graph.nodes))]
    states = {0: "cached", 10**9: "ran"}
    return graph.with_runs(
        NodeRun(graph.nodes[number].digest, states[duration], number * 10**9, number * 10**9 + duration, duration)
        for number, duration in seconds
    )


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def opened(browser: Browser, tmp_path: pathlib.Path) -> Iterator[Page]:
    """The page of the example, after a run; requests, errors and messages of the console fail the test."""
    graph = timed(llbfront.convert(APP, platform="linux/amd64"))
    with_page = _open(browser, tmp_path, graph)
    yield from with_page


def test_the_arrows_of_the_step_under_the_pointer_stand_out(opened: Page) -> None:
    op = opened.locator(".op", has_text="RUN").first
    number = op.get_attribute("data-number")
    op.hover()
    traced = opened.locator(".arrows > .traced")
    ends = [(each.get_attribute("data-from"), each.get_attribute("data-to")) for each in traced.all()]
    every = [(each.get_attribute("data-from"), each.get_attribute("data-to")) for each in opened.locator(".arrows > g").all()]
    assert ends == [pair for pair in every if number in pair] != []
    opened.mouse.move(5, 5)
    assert traced.count() == 0


@pytest.fixture
def explained(browser: Browser, tmp_path: pathlib.Path) -> Iterator[Page]:
    """The page of a recorded build in which a file changed."""
    root = tmp_path / "root"
    root.mkdir()
    (root / "Dockerfile").write_text("FROM alpine\nCOPY a /\nRUN make\n")
    (root / "a").write_text("one")
    before = recorded(root)
    (root / "a").write_text("two")
    build = recorded(root)
    yield from _open(browser, tmp_path, with_reasons(build, explain(build, before)))


def test_a_step_of_a_recorded_build_says_why_it_ran(explained: Page) -> None:
    for name, reason in (("COPY a", "file-content: the content of a changed"), ("RUN make", "the step of line 2 ran")):
        explained.locator(".op", has_text=name).first.click()
        assert explained.locator("#about dd", has_text=reason).count() == 1
        assert "Why it ran" in explained.locator("#about").inner_text()


def _open(browser: Browser, folder: pathlib.Path, graph: Graph) -> Iterator[Page]:
    path = folder / "graph.html"
    path.write_text(graph.to_html(with_unused=True))
    page = browser.new_page(viewport={"width": 1300, "height": 800})
    requests: list[str] = []
    faults: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text))
    page.goto(path.as_uri())
    yield page
    assert requests == [path.as_uri()]
    assert faults == []
    page.close()


def transform(page: Page) -> str:
    page.wait_for_timeout(250)  # the end of an animation
    return str(page.locator("#canvas").evaluate("canvas => canvas.style.transform"))


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.getAttribute('aria-label') || document.activeElement.id"))


def test_a_click_shows_the_lines_and_inputs_of_a_step(opened: Page) -> None:
    opened.get_by_role("button", name="COPY go.mod ./").first.click()
    about = opened.locator("#about")
    assert about.get_by_role("heading", name="COPY go.mod ./").is_visible()
    assert "5  COPY go.mod ./" in about.inner_text()
    assert about.get_by_role("button", name="build context").inner_text().splitlines()[1:] == ["copy /go.mod"]
    assert opened.locator(".arrows .chosen").count() == 3
    about.get_by_role("button", name="WORKDIR /src").click()
    assert about.get_by_role("heading", name="WORKDIR /src").is_visible()


def test_dragging_moves_and_the_wheel_zooms_where_the_pointer_is(opened: Page) -> None:
    before = transform(opened)
    opened.mouse.move(30, 400)
    opened.mouse.down()
    opened.mouse.move(130, 450, steps=4)
    opened.mouse.up()
    moved = transform(opened)
    assert moved != before and moved.split("scale")[1] == before.split("scale")[1]
    box = opened.locator("#op-5")
    at = box.bounding_box()
    assert at
    opened.mouse.move(at["x"] + 5, at["y"] + 5)
    opened.mouse.wheel(0, -100)
    zoomed = box.bounding_box()
    assert zoomed and zoomed["width"] > at["width"] and abs(zoomed["x"] - at["x"]) < 10


def test_a_drag_that_ends_on_a_step_does_not_choose_it(opened: Page) -> None:
    at = opened.locator("#op-5").bounding_box()
    assert at
    opened.mouse.move(at["x"] + 60, at["y"] + 60)
    opened.mouse.down()
    opened.mouse.move(at["x"] + 20, at["y"] + 15, steps=3)
    opened.mouse.up()
    assert opened.locator("#about").inner_text() == ""


@pytest.mark.parametrize(
    ("keys", "focus"),
    [
        ((), "COPY --from=test /checked /srv/pages"),
        (("ArrowUp",), "COPY --from=build /out/server"),
        (("ArrowUp", "ArrowUp", "ArrowUp"), "FROM alpine"),
        (("ArrowUp", "ArrowDown"), "COPY --from=test /checked"),
        (("ArrowUp", "ArrowLeft"), "RUN CGO_ENABLED=0 go build"),
        (("Home",), "FROM"),
        (("Home", "End"), "COPY --from=test /checked"),
    ],
)
def test_arrow_keys_move_between_steps(opened: Page, keys: tuple[str, ...], focus: str) -> None:
    opened.locator('.op[tabindex="0"]').focus()
    for key in keys:
        opened.keyboard.press(key)
    assert focused(opened).startswith(focus) or focus in focused(opened)


def test_the_page_is_used_with_the_keyboard_alone(opened: Page) -> None:
    opened.keyboard.press("Tab")
    assert focused(opened) == "search"
    for _ in range(5):
        opened.keyboard.press("Tab")
    assert focused(opened).startswith("COPY --from=test")
    opened.keyboard.press("Enter")
    assert opened.locator("#about h2").inner_text() == "COPY --from=test /checked /srv/pages"
    assert opened.locator("#op-13").get_attribute("aria-pressed") == "true"
    before = transform(opened)
    opened.keyboard.press("+")
    assert transform(opened) != before
    opened.keyboard.press("Escape")
    assert opened.locator("#about").inner_text() == "" and opened.locator('[aria-pressed="true"]').count() == 0


def test_search_finds_steps_and_enter_goes_through_them(opened: Page) -> None:
    opened.keyboard.press("/")
    opened.keyboard.type("copy PAGES")
    assert opened.get_by_role("status").inner_text() == "3 found"
    assert opened.locator(".op.hit").count() == 3
    names = []
    for _ in range(3):
        opened.keyboard.press("Enter")
        names.append(opened.locator("#about h2").inner_text())
    assert len(set(names)) == 3 and all("pages" in name for name in names)
    assert opened.get_by_role("status").inner_text() == "3 of 3"
    opened.keyboard.press("Escape")
    assert opened.locator("svg.searching").count() == 0


def test_the_timeline_leads_to_the_step(opened: Page) -> None:
    rows = opened.locator(".timeline tbody tr")
    assert rows.count() == 13
    rows.nth(4).get_by_role("button").click()
    assert "chosen" in str(opened.locator(".arrows .chosen").first.get_attribute("class"))
    assert opened.locator("#about").get_by_text("1.0s").is_visible()


def test_the_timeline_can_be_folded_with_the_keyboard(opened: Page) -> None:
    view = opened.locator("#view")
    before = view.bounding_box()
    opened.locator(".timeline summary").focus()
    opened.keyboard.press("Enter")
    after = view.bounding_box()
    assert not opened.locator(".timeline table").is_visible()
    assert before and after and after["height"] > before["height"] + 100
    assert opened.locator("#map").is_visible()


def test_the_map_covers_no_step_and_leads_to_the_end_of_the_graph(opened: Page) -> None:
    view, place = opened.locator("#view").bounding_box(), opened.locator("#map").bounding_box()
    assert view and place and place["x"] >= view["x"] + view["width"]
    opened.mouse.click(place["x"] + place["width"] - 2, place["y"] + place["height"] - 2)
    svg = opened.locator("#canvas svg").bounding_box()
    assert svg and abs(svg["y"] + svg["height"] - view["y"] - view["height"]) < 1


def test_the_map_shows_the_colours_of_the_steps(opened: Page) -> None:
    """Steps of one kind have other colours on the critical path."""
    colours = opened.evaluate(
        """() => {
            const sheet = document.querySelector("#map canvas");
            const pixels = sheet.getContext("2d").getImageData(0, 0, sheet.width, sheet.height).data;
            const width = document.querySelector("#canvas svg").viewBox.baseVal.width;
            const colour = (op) => {
                const box = op.querySelector(".shape").getBBox(), factor = sheet.width / width;
                const x = Math.floor((box.x + box.width / 2) * factor), y = Math.floor((box.y + box.height / 2) * factor);
                return pixels.slice((y * sheet.width + x) * 4, (y * sheet.width + x) * 4 + 4).join();
            };
            const of = (filter) => [...new Set([...document.querySelectorAll(`.op.exec${filter}`)].map(colour))];
            return [of(".critical"), of(":not(.critical)")];
        }"""
    )
    critical, others = colours
    assert critical and others and not set(critical) & set(others)


def test_the_theme_can_be_chosen(opened: Page) -> None:
    def back() -> str:
        return str(opened.evaluate("getComputedStyle(document.body).backgroundColor"))

    light = back()
    opened.emulate_media(color_scheme="dark")
    dark = back()
    button = opened.get_by_role("button", name="Theme")
    button.click()
    assert button.inner_text() == "Theme: light" and back() == light != dark
    button.click()
    opened.emulate_media(color_scheme="light")
    assert button.inner_text() == "Theme: dark" and back() == dark
    label = "getComputedStyle(document.querySelector('.op .label')).fill"
    assert opened.evaluate(label) == "rgb(236, 239, 244)"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("state", ["opened", "chosen", "searched"])
def test_axe_finds_nothing(opened: Page, scheme: str, state: str) -> None:
    opened.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    if state == "chosen":
        opened.locator("#op-7").click()
    elif state == "searched":
        opened.fill("#search", "copy")
        opened.keyboard.press("Enter")
    transform(opened)
    report = Axe().run(opened)
    assert [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in report.response["violations"]] == []
    assert len(report.response["passes"]) > 10


def test_a_page_of_a_thousand_ops_answers_each_turn_of_the_wheel(browser: Browser, tmp_path: pathlib.Path) -> None:
    graph = llbfront.convert(LARGE, platform="linux/amd64")
    assert len(graph.nodes) >= 1000
    for page in _open(browser, tmp_path, timed(graph)):
        before = transform(page)
        assert page.locator(".op").count() == len(graph.nodes)
        after = page.evaluate(
            """() => new Promise((done) => {
                 const view = document.getElementById("view"), times = [];
                 const step = (now) => {
                   times.push(now);
                   view.dispatchEvent(new WheelEvent("wheel", {deltaY: times.length % 4 ? -4 : 8, clientX: 400, clientY: 300}));
                   if (times.length < 40) requestAnimationFrame(step); else done(document.getElementById("canvas").style.transform);
                 };
                 requestAnimationFrame(step);
               })"""
        )
        assert after != before
