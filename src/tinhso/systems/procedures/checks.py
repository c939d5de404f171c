"""Whether a case can stand: form, fee, process, result and letter must fit together before anybody works by them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from tinhso.core.forms.definition import DefinitionError, FormDefinition
from tinhso.core.ledger.actions import Refused
from tinhso.core.process.check import checked
from tinhso.core.worktime.calendar import WorkDuration

from .fees import check_fee
from .results import check_mapping

LETTERS = Path(__file__).parent / "letters"
_TITLE = re.compile(r'official\.with\("([^"]+)"\)')
_FIRST = re.compile(r"// ([^,.\n]+)")  # what a letter is called whose title is data
_NEEDS = re.compile(r"\bd\.([a-z_]+)")
_HEAD = {"parent_agency", "agency", "place", "demo", "number", "date", "token", "verify", "signer"}  # of every letter


@lru_cache
def letters() -> dict[str, tuple[str, frozenset[str]]]:
    """The letters a result may be written in: name → its title, and which data it cannot do without."""
    found = {}
    for path in sorted(LETTERS.glob("*.typ")):
        source = path.read_text(encoding="utf-8")
        code = "\n".join(line for line in source.splitlines() if not line.startswith("//"))
        title = _TITLE.search(code) or _FIRST.match(source)
        found[path.stem] = (title[1] if title else path.stem, frozenset(_NEEDS.findall(code)) - _HEAD)
    return found


def faults_of(variant: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with a case (in the form of `data/*.json`), by its part: `form`, `fee`, `process`, `result`,
    `letter`, `papers`, `duration`. Empty: it can be published."""
    asked, wrong = _form(variant.get("form"))
    if asked is None:
        return {"form": wrong}
    result = variant.get("result")
    stated, wrong = _form(result.get("form") if isinstance(result, Mapping) else None)
    if stated is None or not isinstance(result, Mapping):
        return {"result": wrong}
    found = {
        "form": _paths(variant, asked),
        "fee": _shaped(lambda: check_fee(variant["fee"], asked)),
        "process": _shaped(lambda: _process(variant["process"], asked)),
        "result": _shaped(lambda: check_mapping(result["start"], asked) or check_mapping(result["data"], stated)),
        "letter": _shaped(lambda: _letter(result)),
        "papers": _shaped(lambda: _papers(variant["components"], asked)),
        "duration": _shaped(lambda: _duration(variant["duration"])),
    }
    return {part: message for part, message in found.items() if message}


def _form(data: Any) -> tuple[FormDefinition | None, str]:
    found: list[FormDefinition] = []

    def read() -> str:
        if not isinstance(data["key"], str) or not isinstance(data["title"], Mapping):
            return _("the form needs a key and a title")
        found.append(FormDefinition(data))
        return ""

    wrong = _shaped(read)
    return (None, wrong) if wrong else (found[0], "")


def _shaped(check: Callable[[], str]) -> str:
    """What a check says; data of another shape than it expects are a fault, too."""
    try:
        return check()
    except (DefinitionError, Refused) as wrong:
        return str(wrong)
    except KeyError as missing:
        return _("%(key)s is missing") % {"key": missing}
    except (AttributeError, IndexError, TypeError, ValueError):
        return _("the structure is not the one expected; compare with another procedure")


def _paths(variant: Mapping[str, Any], asked: FormDefinition) -> str:
    applicant = variant.get("applicant")
    if f"{applicant}.full_name" not in asked.questions:
        return _("the form does not ask who applies: %(path)s") % {"path": f"{applicant}.full_name"}
    addresses = [path for path in variant.get("competence", ()) if f"{path}.commune" not in asked.questions]
    return _("these are no addresses of the form: %(paths)s") % {"paths": ", ".join(addresses)} if addresses else ""


def _process(body: Mapping[str, Any], asked: FormDefinition) -> str:
    checked(body, asked.questions)
    return ""


def _letter(result: Mapping[str, Any]) -> str:
    if result["letter"] not in letters():
        return _("there is no letter “%(name)s”") % {"name": result["letter"]}
    given = {name.split(".")[0] for name in result["data"]}
    if missing := letters()[result["letter"]][1] - given:
        return _("this letter also needs: %(names)s") % {"names": ", ".join(sorted(missing))}
    if result["letter"] == "designed" and not result["data"]["body"]["write"]:
        return _("the letter has no words")
    return "" if result["notation"] else _("the result has no notation")


def _papers(components: list[Mapping[str, Any]], asked: FormDefinition) -> str:
    fields = [one["field"] for one in components if one.get("field")]
    lost = [
        field for field in fields if field not in asked.questions or asked.questions[field].schema["type"] != "array"
    ]
    return _("the form does not ask for these papers: %(fields)s") % {"fields": ", ".join(lost)} if lost else ""


def _duration(duration: Mapping[str, Any]) -> str:
    WorkDuration(duration["amount"], duration["unit"])
    return ""
