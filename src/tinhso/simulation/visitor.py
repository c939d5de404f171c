"""Someone at a browser: follows links, fills in forms, keeps cookies. It sees what a person sees, no more."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http import HTTPStatus
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

MOST_TURNS = 5


@dataclass
class Form:
    """A form as it stands on a page, with what is filled in already."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    empty: list[str] = field(default_factory=list)  # required, and nothing filled in

    @property
    def verb(self) -> str:
        """The last part of where it goes: `tiep-nhan`."""
        return self.action.rstrip("/").rpartition("/")[2]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.form: Form | None = None
        self.select = self.area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "a" and has.get("href"):
            self.links.append(has["href"])
        if tag == "form":
            self.form = Form(has.get("action", ""), has.get("method", "get"))
            self.forms.append(self.form)
        form = self.form
        if form is None:
            return
        name, value = has.get("name", ""), has.get("value", "")
        if tag == "input" and name:
            kind = has.get("type", "text")
            if kind not in ("radio", "checkbox") or "checked" in has:
                form.fields[name] = value
            if "required" in has and not value and name not in form.empty:
                form.empty.append(name)
        elif tag == "textarea":
            self.area = name
            form.fields[name] = ""
            if "required" in has:
                form.empty.append(name)
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select and ("selected" in has or self.select not in form.fields):
            form.fields[self.select] = value

    def handle_data(self, data: str) -> None:
        if self.area and self.form is not None:
            self.form.fields[self.area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = None
        elif tag == "select":
            self.select = ""
        elif tag == "textarea":
            self.area = ""


@dataclass(frozen=True)
class Page:
    """What came back: where one is, and what can be done there."""

    status: int
    path: str
    text: str
    forms: list[Form]
    links: list[str]


class Visitor:
    """One browser at one address. Raises OSError or http.client.HTTPException where nobody answers."""

    def __init__(self, base: str) -> None:
        self.at = urlsplit(base)
        self.cookies: dict[str, str] = {}

    def get(self, path: str) -> Page:
        return self._follow("GET", path, b"", {})

    def submit(self, page: Page, form: Form, **fields: str) -> Page:
        """Send a form as it stands, with these fields."""
        body = urlencode({**form.fields, **fields}).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Referer": f"{self.at.geturl()}{page.path}"}
        return self._follow("POST", urljoin(page.path, form.action), body, headers)

    def post_json(self, path: str, body: Any, headers: dict[str, str]) -> Page:
        said = {"Content-Type": "application/json", **headers}
        return self._follow("POST", path, json.dumps(body).encode(), said)

    def _follow(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Page:
        for _turn in range(MOST_TURNS):
            status, where, text = self._ask(method, path, body, headers)
            if not where:
                reader = _Reader()
                reader.feed(text)
                return Page(status, path, text, reader.forms, reader.links)
            target = urlsplit(urljoin(path, where))
            method, body, path = "GET", b"", target.path + (f"?{target.query}" if target.query else "")
        return Page(HTTPStatus.LOOP_DETECTED, path, "", [], [])

    def _ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, str, str]:
        connection = http.client.HTTPConnection(self.at.hostname or "127.0.0.1", self.at.port or 80, timeout=30)
        try:
            cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            connection.request(method, path, body, {"Cookie": cookies, "Accept-Language": "vi", **headers})
            answer = connection.getresponse()
            for line in answer.headers.get_all("Set-Cookie") or ():
                self.cookies |= {name: one.value for name, one in SimpleCookie(line).items()}
            moved = HTTPStatus.MULTIPLE_CHOICES <= answer.status < HTTPStatus.BAD_REQUEST
            return answer.status, (answer.headers.get("Location") or "") if moved else "", answer.read().decode()
        finally:
            connection.close()
