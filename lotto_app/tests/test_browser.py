"""The page in Chromium."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from threading import Thread
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

from lotto_app.app import create_app
from lotto_app.words import WORDS

pytestmark = pytest.mark.browser

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


class Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def address():
    server = make_server("127.0.0.1", 0, create_app(), handler_class=Quiet)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def browser():
    assert CHROMIUM, "No Chromium on PATH. On Debian: apt-get install chromium."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser, address):
    """Open a path in a new context; at the end the console must have no errors."""

    @contextmanager
    def opened(path="/", *, errors_expected=False, **options):
        context = browser.new_context(base_url=address, **{"locale": "en-US", **options})
        page = context.new_page()
        page.set_default_timeout(10_000)
        errors, requested = [], []
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("request", lambda request: requested.append(request.url))
        try:
            page.goto(path)
            yield page
            assert errors_expected or not errors
            own = (address, "data:")
            assert all(url.startswith(own) for url in requested), requested
        finally:
            context.close()

    return opened


def numbers(page):
    """Return the games shown, each as a list of numbers."""
    return [
        [int(ball) for ball in balls.locator(".ball").all_inner_texts()]
        for balls in page.locator(".balls").all()
    ]


def is_game(drawn):
    return len(drawn) == 6 and drawn == sorted(set(drawn) & set(range(1, 46)))


def drawn_anew(page, act):
    """Act, wait for the answer to be shown, return the numbers."""
    with page.expect_response("**/api/lotto/lucky*"):
        act()
    expect(page.get_by_role("status")).to_contain_text("A: ")
    return numbers(page)


def new_numbers(page):
    return page.get_by_role("button", name="New numbers")


def test_the_first_draw_is_there(open_page):
    with open_page() as page:
        [drawn] = numbers(page)

        assert is_game(drawn)
        assert page.title() == "Lucky numbers for Lotto 6/45"


def test_a_new_draw_comes_without_a_new_page_and_is_told_to_screen_readers(open_page):
    with open_page() as page:
        page.evaluate("window.sameDocument = true")
        before = numbers(page)

        [after] = drawn_anew(page, new_numbers(page).click)

        assert is_game(after)
        assert [after] != before
        assert page.evaluate("window.sameDocument")
        told = f"Game A: {', '.join(map(str, after))}"
        expect(page.get_by_role("status")).to_have_text(told)


def test_five_games(open_page):
    with open_page() as page:
        choose = page.get_by_label("Games", exact=True)

        drawn = drawn_anew(page, lambda: choose.select_option("5"))

        assert len(drawn) == 5
        assert all(map(is_game, drawn))
        labels = [balls.get_attribute("aria-label") for balls in page.locator(".balls").all()]
        assert labels == [f"Game {letter}" for letter in "ABCDE"]
        assert len(drawn_anew(page, new_numbers(page).click)) == 5


def test_the_script_colours_as_the_page_does(open_page):
    """If both have shown a number, its colour is the same."""
    with open_page("/?games=5") as page:

        def colours():
            return dict(
                page.eval_on_selector_all(
                    ".ball",
                    "balls => balls.map(ball => [ball.textContent, ball.className])",
                )
            )

        by_page, by_script = {}, {}
        while len(by_page) < 45:
            page.goto("/?games=5")
            by_page.update(colours())
        while len(by_script) < 45:
            drawn_anew(page, new_numbers(page).click)
            by_script.update(colours())
        assert by_page == by_script


def test_copy(open_page):
    with open_page("/?games=2", permissions=["clipboard-read", "clipboard-write"]) as page:
        page.get_by_role("button", name="Copy").click()

        expect(page.get_by_role("status")).to_have_text(WORDS["en"].copied)
        copied = page.evaluate("navigator.clipboard.readText()").splitlines()
        assert copied == [", ".join(map(str, drawn)) for drawn in numbers(page)]


def test_copy_over_plain_http_where_there_is_no_clipboard(open_page):
    with open_page("/") as page:
        page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
        page.evaluate(
            "document.addEventListener('copy', () => {"
            " window.copied = document.activeElement.value; })"
        )

        page.get_by_role("button", name="Copy").click()

        expect(page.get_by_role("status")).to_have_text(WORDS["en"].copied)
        assert page.evaluate("window.copied") == ", ".join(map(str, numbers(page)[0]))
        expect(page.get_by_role("button", name="Copy")).to_be_focused()


def test_a_failed_draw_is_said_and_the_numbers_stay(open_page):
    with open_page(errors_expected=True) as page:
        before = numbers(page)
        page.route(
            "**/api/lotto/lucky*",
            lambda route: route.fulfill(status=503, json=[[1, 2, 3, 4, 5, 6]]),
        )

        new_numbers(page).click()

        expect(page.get_by_role("status")).to_have_text(WORDS["en"].failed)
        assert numbers(page) == before


def test_without_javascript_the_form_does_it(open_page):
    with open_page("/?lang=ko", java_script_enabled=False) as page:
        before = numbers(page)
        expect(page.locator("#copy")).to_be_hidden()

        page.locator("select").select_option("3")
        page.get_by_role("button", name=WORDS["ko"].draw).click()

        after = numbers(page)
        assert len(after) == 3
        assert all(map(is_game, after))
        assert after[0] != before[0]
        expect(page.locator("html")).to_have_attribute("lang", "ko")
        expect(page.locator("select")).to_have_value("3")


def test_by_keyboard_alone(open_page):
    with open_page() as page:
        focused = []
        for _ in range(5):
            page.keyboard.press("Tab")
            focused.append(page.evaluate("document.activeElement.textContent.trim().slice(0, 11)"))
        assert focused == ["한국어", "12345", "New numbers", "Copy", "API"]

        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Shift+Tab")
        before = numbers(page)
        assert drawn_anew(page, lambda: page.keyboard.press("Enter")) != before
        expect(new_numbers(page)).to_be_focused()


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_browser_s_language(open_page, language):
    with open_page(locale={"ko": "ko-KR", "en": "en-GB"}[language]) as page:
        words = WORDS[language]

        expect(page.locator("html")).to_have_attribute("lang", language)
        expect(page.get_by_role("heading", level=1)).to_have_text(words.title)
        expect(page.get_by_role("button", name=words.draw)).to_be_visible()


def test_the_other_language_is_a_click_away(open_page):
    with open_page() as page:
        page.get_by_role("link", name="한국어").click()

        expect(page.get_by_role("heading", level=1)).to_have_text(WORDS["ko"].title)
        page.get_by_role("link", name="English").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(WORDS["en"].title)


@pytest.mark.parametrize("path", ["/?games=5&lang=ko", "/?games=5&lang=en", "/api/docs"])
@pytest.mark.parametrize("zoomed", [False, True])
def test_nothing_sticks_out_at_320_px(open_page, path, zoomed):
    with open_page(path, viewport={"width": 320, "height": 568}) as page:
        if zoomed:
            # WCAG 2.2, 1.4.12: these spacings must lose nothing.
            page.evaluate(
                "Object.assign(document.body.style,"
                " {lineHeight: 1.5, letterSpacing: '.12em', wordSpacing: '.16em'})"
            )

        assert page.evaluate("document.documentElement.scrollWidth") == 320
        cut = page.eval_on_selector_all(
            ".ball, button, select, h1",
            "all => all.filter(each => each.scrollWidth > each.clientWidth + 1).length",
        )
        assert cut == 0


def test_dark(open_page):
    def background(scheme):
        with open_page(color_scheme=scheme) as page:
            return page.evaluate("getComputedStyle(document.body).backgroundColor")

    assert background("light") == "rgb(255, 255, 255)"
    assert background("dark") == "rgb(21, 23, 27)"


def test_targets_are_big_enough(open_page):
    """WCAG 2.2, 2.5.8 requires 24 CSS pixels."""
    with open_page() as page:
        for target in page.locator("a, button, select").all():
            box = target.bounding_box()
            assert min(box["width"], box["height"]) >= 24, target.inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/?games=5&lang=ko", "/?games=5&lang=en", "/api/docs"])
def test_axe_finds_nothing(open_page, path, scheme):
    options = {"runOnly": {"type": "tag", "values": WCAG}}
    # axe is injected as a script, which the page's own policy rightly refuses.
    with open_page(path, color_scheme=scheme, reduced_motion="reduce", bypass_csp=True) as page:
        if "games" in path:
            page.locator(".main").click()
            expect(page.get_by_role("status")).to_contain_text("A: ")

        results = Axe().run(page, options=options)

        assert results.violations_count == 0, results.generate_report()
        assert results.response["passes"]
