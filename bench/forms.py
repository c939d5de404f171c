"""A form of 95 questions with 40 conditions: asked, saved, submitted whole, and designed; over HTTP and in Chromium."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

from .harness import Figure, Install, province, served

QUESTIONS, CONDITIONS, TIMES = 95, 40, 30
CODE = "1.999095"
PAGE, SAVE, DESIGN = 300, 500, 300  # ms, stated


def figures(install: Install) -> Iterator[Figure]:
    from tests.soak.clients import session
    from tests.systems.dossiers.builders import citizen

    from tinhso.core.accounts.models import Account

    province()
    pages, revision = published(), drafted()
    with served(install) as site:
        editor = session(Account.objects.get(username="quantri.tinh"))
        yield from asked(site.port, session(citizen()), pages)
        yield from designed(site.port, editor, revision)
        yield from in_a_browser(site.url, editor["Cookie"], revision)


def the_form(key: str) -> dict[str, Any]:
    """Eight pages of twelve questions, one less on the last; every kind in turn, 40 of them asked only sometimes.

    The counter asks all of them on one page."""
    properties: dict[str, Any] = {
        "requester": {"type": "object", "format": "person", "prefill": "person", "parts": ["full_name", "phone"],
                      "required": ["full_name"]},
        "request": {"type": "string", "format": "paragraph"},
    }  # fmt: skip
    label: Callable[[str], dict[str, str]] = lambda words: {"vi": words}  # noqa: E731
    items = [{"field": "requester", "label": label("Người nộp hồ sơ"), "own": True}]
    items.append({"field": "request", "label": label("Nội dung đề nghị")})
    kinds = [
        {"type": "string", "maxLength": 200}, {"type": "string", "enum": ["a", "b", "c"]}, {"type": "integer"},
        {"type": "string", "format": "date"}, {"type": "boolean"}, {"type": "integer", "format": "money"},
        {"type": "array", "items": {"enum": ["a", "b", "c"]}}, {"type": "string", "format": "paragraph"},
    ]  # fmt: skip
    number = 0
    while len(items) < QUESTIONS - 1:  # the person is two questions
        number += 1
        name, schema = f"q{number}", kinds[number % len(kinds)]
        properties[name] = schema
        item: dict[str, Any] = {"field": name, "label": label(f"Câu hỏi số {number} về việc này")}
        if "enum" in schema or "items" in schema:
            item["options"] = {one: label(f"Lựa chọn {one}") for one in "abc"}
        choices = [one for one in items if one["field"][1:].isdecimal() and "options" in one]
        if choices and number > QUESTIONS - 3 - CONDITIONS - 10 and sum("when" in one for one in items) < CONDITIONS:
            other = choices[number % len(choices)]["field"]
            word = "contains" if properties[other]["type"] == "array" else "equals"
            item["when"] = {"field": other, word: "a"}
        items.append(item)
    pages = [
        {"key": f"p{n}", "title": label(f"Phần {n + 1}"), "groups": [{"items": items[n * 12 : n * 12 + 12]}]}
        for n in range(8)
    ]
    schema = {"type": "object", "required": ["requester", "request"], "properties": properties}
    return {"key": key, "title": label("Tờ khai dài"), "schema": schema, "layout": {"pages": pages}}


def the_data() -> dict[str, Any]:
    """A procedure that asks it."""
    from datetime import date

    from tinhso.systems.procedures.generate import begin

    field = {"key": "do-luong", "name": "Đo lường"}
    data = begin({"code": CODE, "name": "Thủ tục dài", "field": field, "level": "commune"}, on=date(2026, 11, 22))
    case = data["variants"][0]
    case |= {"form": the_form(case["form"]["key"]), "components": [], "competence": []}
    case["result"]["start"].pop("id_paper", None)
    case["result"]["start"].pop("organisation", None)
    return data


def published() -> list[str]:
    """Publish it; the keys of its pages."""
    from django.utils import timezone

    from tinhso.core.forms.definition import FormDefinition
    from tinhso.core.ledger.actions import Actor
    from tinhso.systems.procedures import actions

    data = the_data()
    actions.publish(data, by=Actor.system("bench"), at=timezone.now())
    form = FormDefinition(data["variants"][0]["form"])
    assert len(form.questions) == QUESTIONS, len(form.questions)
    conditions = sum(bool(question.when) for question in form.questions.values())
    assert conditions == CONDITIONS, conditions
    return list(form.pages)


def drafted() -> Any:
    """A draft of it to design."""
    from django.utils import timezone

    from tinhso.core.accounts.models import Account
    from tinhso.core.ledger.actions import Actor
    from tinhso.systems.procedures import actions
    from tinhso.systems.procedures.models import Revision

    author = Account.objects.get(username="quantri.tinh")
    Revision.objects.filter(code=CODE).delete()
    by = Actor("account", str(author.pk))
    return actions.draft(the_data(), author=author, by=by, at=timezone.now()).pk


def timed(name: str, stated: float, once: Callable[[int], Any], times: int = TIMES) -> Iterator[Figure]:
    """Median and 95 of 100 of something done one after the other, after a warm-up."""
    for number in range(5):
        once(-number - 1)
    took = []
    for number in range(times):
        start = time.perf_counter()
        once(number)
        took.append((time.perf_counter() - start) * 1000)
    yield Figure(f"{name}, median", statistics.median(took), "ms", stated, "stated")
    yield Figure(f"{name}, 95 of 100", statistics.quantiles(took, n=20)[-1], "ms", stated, "stated")


def asked(port: int, headers: dict[str, str], pages: list[str]) -> Iterator[Figure]:
    """A citizen at the form: a page of it, a page saved, the last page that reads it all."""
    from tests.soak.clients import Sender, form

    with Sender(port, 0, headers) as sender:

        def send(method: str, path: str, body: bytes = b"") -> Any:
            answer = sender.send(method, path, body)
            assert answer.status in (200, 302, 422), (path, answer.status)
            return answer

        begun = send("POST", f"/nop-ho-so/{CODE}/default/", form(consent="1"))
        url = {name.lower(): value for name, value in begun.headers.items()}["location"]
        page = {f"q{n}": "1" for n in range(1, 11)}
        yield from timed("a page of the form", PAGE, lambda _n: send("GET", f"{url}{pages[5]}/"))
        saved = f"{url}{pages[0]}/"
        yield from timed("a page saved", SAVE, lambda n: send("POST", saved, form(**page, request=f"Lần {n}")))
        yield from timed("all answers read", PAGE, lambda _n: send("GET", f"{url}kiem-tra/"))


def designed(port: int, headers: dict[str, str], revision: Any) -> Iterator[Figure]:
    """An official at the builder: the page, a question added, one moved; and the whole form on one page."""
    from tests.soak.clients import Sender, form

    url = f"/ban-lam-viec/danh-muc/thay-doi/{revision}/default/bieu-mau/"
    with Sender(port, 0, headers) as sender:

        def look(path: str) -> None:
            assert sender.send("GET", f"{url}{path}").status == 200

        def press(do: str, **fields: str) -> None:
            answer = sender.send("POST", url, form(do=do, **fields))
            assert answer.status == 302, (do, answer.status)

        yield from timed("builder, the page", DESIGN, lambda _n: look("?chon=q%3Aq40"))
        add = {"place": "p:p3", "kind": "text", "label": "Thêm"}
        yield from timed("builder, a question added", SAVE, lambda _n: press("add", **add))
        yield from timed("builder, one moved", SAVE, lambda n: press("up q:q38" if n % 2 else "down q:q38"))
        yield from timed("the whole form on one page", PAGE, lambda _n: look("thu/"), 15)


# Pressed by the page itself: Playwright's own click first waits until nothing moves any more.
PRESS = """selector => new Promise(shown => {
  const drawn = () => requestAnimationFrame(() => requestAnimationFrame(shown));
  document.addEventListener("htmx:afterSettle", drawn, { once: true });
  document.querySelector(selector).click();
})"""


def in_a_browser(url: str, cookie: str, revision: Any) -> Iterator[Figure]:
    """From the press to the new page on the screen, in Chromium."""
    import shutil

    from playwright.sync_api import sync_playwright
    from tests.house.browser import FLAGS

    session = cookie.partition("sessionid=")[2].partition(";")[0]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        context = browser.new_context(locale="vi-VN", viewport={"width": 1440, "height": 900})
        context.add_cookies([{"name": "sessionid", "value": session, "url": url}])
        page = context.new_page()
        page.goto(f"{url}/ban-lam-viec/danh-muc/thay-doi/{revision}/default/bieu-mau/")

        def press(selector: str) -> None:
            page.evaluate(PRESS, selector)

        def choose(number: int) -> None:
            press(f'.piece[data-place="q:q{20 + number % 2}"] > a')

        yield from timed("in Chromium, a piece chosen", DESIGN, choose, 20)
        page.goto(f"{url}/ban-lam-viec/danh-muc/thay-doi/{revision}/default/bieu-mau/?chon=q%3Aq38")
        yield from timed(
            "in Chromium, a piece moved", SAVE,
            lambda n: press(f'.moves button[value^="{"up" if n % 2 else "down"}"]'), 20,
        )  # fmt: skip
        browser.close()
