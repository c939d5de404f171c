"""Dates, money and time left as people say them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.template import Context, Template
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from tinhso.core.ui.templatetags import ui

THURSDAY = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)  # 16:00 in Vietnam


@pytest.fixture(autouse=True)
def vietnamese():
    with translation.override("vi"):
        yield


def test_a_day_reads_as_on_paper_and_in_vietnamese_time():
    assert ui.day(date(2026, 11, 22)) == "22/11/2026"
    assert ui.day(datetime(2026, 11, 22, 18, 0, tzinfo=UTC)) == "23/11/2026"


def test_a_moment_is_said_with_its_weekday(monkeypatch):
    monkeypatch.setattr(ui.timezone, "localdate", lambda: date(2026, 11, 22))
    assert ui.moment(THURSDAY) == "16:00 thứ Năm 26/11"
    assert ui.moment(THURSDAY.replace(year=2027)) == "16:00 thứ Sáu 26/11/2027"
    with translation.override("en"):
        assert ui.moment(THURSDAY) == "16:00 Thursday 26/11"


@pytest.mark.parametrize(
    ("amount", "words"),
    [(15000, "15.000\xa0đ"), (0, "Miễn phí"), (1_234_567, "1.234.567\xa0đ"), (None, "")],
)
def test_money_is_whole_dong(amount, words):
    assert ui.money(amount) == words


@pytest.mark.parametrize(
    ("left", "words", "tone"),
    [
        (timedelta(hours=24), "còn 3 ngày làm việc", ""),
        (timedelta(hours=15, minutes=59), "còn 1 ngày làm việc", ""),
        (timedelta(hours=3, minutes=40), "còn 3 giờ làm việc", "soon"),
        (timedelta(minutes=59), "còn 59 phút", "soon"),
        (timedelta(seconds=20), "còn 1 phút", "soon"),
        (-timedelta(hours=1), "trễ 1 giờ", "late"),
        (-timedelta(hours=17), "trễ 2 ngày", "late"),
    ],
)
def test_time_left_never_promises_too_much(left, words, tone):
    assert (ui.left(left), ui.urgency(left)) == (words, tone)


@given(st.integers(-10_000, 10_000), st.integers(1, 10_000))
def test_the_bar_stays_inside_its_frame(left, total):
    assert 0 <= ui.share(timedelta(minutes=left), timedelta(minutes=total)) <= 100


@given(st.integers(-(10**15), 10**15))
def test_every_number_reads_back(value):
    assert int(ui.number(value).replace(".", "")) == value


def test_a_part_sees_only_what_it_is_given():
    page = Template('{% load ui %}{% part "button" label="Nộp" %}')
    html = page.render(Context({"key": "x", "href": "/elsewhere", "disabled": True}))
    assert html.strip() == '<button class="button ">Nộp</button>'


def test_a_part_escapes_what_it_shows():
    html = Template('{% load ui %}{% part "notice" text=text %}').render(Context({"text": "<b>đậm</b>"}))
    assert "&lt;b&gt;đậm&lt;/b&gt;" in html


def test_a_pane_without_content_is_not_there():
    page = Template('{% load ui %}{% pane queue "Q" %} {{ words }} {% endpane %}')
    assert page.render(Context({"words": ""})) == ""
    assert page.render(Context({"words": "một"})).startswith('<aside class="pane queue" aria-label="Q">')
