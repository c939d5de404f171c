"""What designers call things: kinds of questions, and what a kind can be asked to keep to."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

KINDS = [
    ("text", _("A line of text")),
    ("paragraph", _("Several lines of text")),
    ("choice", _("Choose one")),
    ("checkboxes", _("Choose several")),
    ("yes-no", _("Yes or no")),
    ("date", _("Date")),
    ("integer", _("Number")),
    ("money", _("Amount of money")),
    ("person", _("A person: name, ID, residence…")),
    ("address", _("Address")),
    ("place", _("Province and commune of a place")),
    ("province", _("Province")),
    ("national-id", _("National ID")),
    ("tax-code", _("Tax code")),
    ("phone", _("Telephone number")),
    ("email", _("E-mail address")),
    ("file", _("Photos or files")),
    ("rows", _("Rows that repeat: members, parcels…")),
    ("confirm", _("A declaration to tick")),
]
OTHERS = [("note", _("Words between questions")), ("group", _("A group of questions")), ("page", _("A page"))]
IN_ROWS = {"text", "paragraph", "date", "integer", "money", "choice", "yes-no", "checkboxes"}
IN_ROWS |= {"national-id", "tax-code", "phone", "email"}

# What a text may have to look like: the expression, its words, what to tell whoever enters something else.
PATTERNS = [
    ("^[0-9]+$", _("digits only"), {"vi": "Chỉ nhập chữ số.", "en": "Enter digits only."}),
    (
        "^[0-9A-Za-z]+$",
        _("digits and letters without marks"),
        {"vi": "Chỉ nhập chữ số và chữ cái không dấu.", "en": "Enter digits and letters without marks only."},
    ),
    (
        "^[0-9A-Za-zĐđ/.-]+$",
        _("the number of a paper: digits, letters, / . -"),
        {"vi": "Nhập số, ký hiệu, ví dụ: 15/GP-UBND.", "en": "Enter a number such as 15/GP-UBND."},
    ),
    (
        "^[0-9]{2}[A-Za-z][0-9A-Za-z]?-?[0-9.]{4,7}$",
        _("the plate of a vehicle: 47A-123.45"),
        {"vi": "Nhập biển số như 47A-123.45.", "en": "Enter a plate such as 47A-123.45."},
    ),
]
# Where an answer may be filled in from, for whoever agrees to it.
PREFILL = {
    "text": [("person.full_name", _("the profile: name")), ("business.name", _("the business: name"))],
    "date": [("person.birth_date", _("the profile: date of birth"))],
    "national-id": [("person.national_id", _("the profile: national ID"))],
    "tax-code": [
        ("business.tax_code", _("the business: tax code")),
        ("person.tax_code", _("the profile: tax code")),
    ],
    "phone": [("person.phone", _("the profile: telephone"))],
    "email": [("person.email", _("the profile: e-mail"))],
    "person": [("person", _("the profile"))],
    "address": [("person.address", _("the profile: residence"))],
    "place": [("person.address", _("the profile: residence"))],
}
WIDTHS = [("full", _("whole line")), ("half", _("half a line")), ("short", _("short"))]
ACCEPT = [("both", _("photos and PDF")), ("pdf", _("PDF only")), ("photo", _("photos only"))]
ACCEPTED = {"both": ["image/*", ".pdf"], "pdf": [".pdf"], "photo": ["image/*"]}
DAYS = [("", _("any")), ("today", _("the day it is filled in")), ("day", _("a fixed day"))]
