"""A version of a procedure in words, and what differs between two, field by field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import ndiff
from typing import Any

from django.utils.translation import gettext as _

from tinhso.core.agencies.models import Role
from tinhso.core.forms.choosing import in_words
from tinhso.core.forms.definition import FormDefinition, digest
from tinhso.core.forms.text import localized
from tinhso.core.process.graph import Step, read

from .builder.writing import DESIGNED, Names
from .checks import letters
from .facts import channels_in_words, how_long, told
from .fees import describe_fee
from .models import Field, Procedure, ProcedureVersion, Variant

Data = Mapping[str, Any]
_VERSION = (
    *("decision", "online", "summary", "applicants", "steps", "requirements", "authority", "result"),
    *("legal_basis", "complaint", "notice", "stated"),
)


@dataclass(frozen=True)
class Change:
    """One field that differs; lines are (" ", same), ("-", gone), ("+", new)."""

    label: str
    lines: list[tuple[str, str]]


def data_of(version: ProcedureVersion) -> dict[str, Any]:
    """The data that would publish this version again. Field and level are those it was published under: its facets
    keep them, while the procedure has those of today."""
    procedure = version.procedure
    under = dict(facet.split(":", 1) for facet in version.facets)
    field = Field.objects.get(key=under["field"])
    return {
        "procedure": {
            "code": procedure.code,
            "name": procedure.name,
            "name_en": procedure.name_en,
            "field": {"key": field.key, "name": field.name, "name_en": field.name_en},
            "level": under["level"],
            "words": procedure.words,
            "errands": procedure.errands,
        },
        "version": {key: getattr(version, key) for key in _VERSION},
        "variants": [
            _variant(one) for one in version.variants.select_related("form", "result_form", "process").order_by("order")
        ],
    }


def _variant(one: Variant) -> dict[str, Any]:
    cutoff = {"cutoff": one.cutoff.strftime("%H:%M")} if one.cutoff else {}
    return {
        "key": one.key,
        "name": one.name,
        "name_en": one.name_en,
        "duration": {"amount": one.amount, "unit": one.unit, **cutoff},
        "fee": one.fee_rule,
        "channels": one.channels,
        "applicant": one.applicant,
        "decider": one.decider,
        "competence": one.competence,
        "form": one.form.definition,
        "process": one.process.body,
        "components": one.components,
        "result": {
            "form": one.result_form.definition,
            "start": one.result_start,
            "letter": one.result_letter,
            "data": one.result_data,
            "notation": one.notation,
        },
    }


def between(before: Data | None, after: Data) -> list[Change]:
    """What differs, in the order in which a version is read; everything where there was nothing before."""
    old, new = dict(_lines(before)) if before else {}, dict(_lines(after))
    return [
        Change(label, _compared(old.get(label, []), new.get(label, [])))
        for label in dict.fromkeys([*old, *new])
        if old.get(label, []) != new.get(label, [])
    ]


def _compared(old: list[str], new: list[str]) -> list[tuple[str, str]]:
    return [(line[0], line[2:]) for line in ndiff(old, new) if line[0] in " -+"]


def _lines(data: Data) -> Iterable[tuple[str, list[str]]]:
    procedure, version = data["procedure"], data["version"]
    yield _("Official name"), [procedure["name"]]
    yield _("Name in English"), [procedure.get("name_en") or ""]
    yield _("Field"), [procedure["field"]["name"]]
    yield _("Level of government"), [str(Procedure.Level(procedure["level"]).label)]
    yield _("Other words for it"), [procedure.get("words") or ""]
    yield _("Published by"), [version.get("decision") or ""]
    yield _("Service level"), [str(ProcedureVersion.Online(version["online"]).label)]
    yield _("Summary"), (version.get("summary") or "").splitlines()
    yield _("Who may apply"), [version.get("applicants") or ""]
    yield _("What happens"), list(version.get("steps") or ())
    yield _("Conditions"), list(version.get("requirements") or ())
    yield _("Decided by"), [version.get("authority") or ""]
    yield _("What one gets"), [version.get("result") or ""]
    yield _("Legal basis"), [f"{law['number']} {law['title']}" for law in version.get("legal_basis") or ()]
    yield _("If you disagree"), (version.get("complaint") or "").splitlines()
    yield _("Why it only informs"), [localized(words) for words in told(version.get("notice")).values()]
    for variant in data["variants"]:
        yield from _variant_lines(variant)


def _variant_lines(variant: Data) -> Iterable[tuple[str, list[str]]]:
    def label(words: str) -> str:
        return f"{variant['key']}: {words}"

    duration, fee, result = variant["duration"], variant["fee"], variant["result"]
    limit = Variant(amount=duration["amount"], unit=duration["unit"])
    yield label(_("Name of the case")), [variant["name"], variant.get("name_en") or ""]
    yield label(_("How long")), [" ".join(filter(None, [how_long(limit), duration.get("cutoff", "")]))]
    fee_words = [describe_fee(fee), localized(fee.get("free_for")), localized(fee.get("note"))]
    yield label(_("How much")), [line for line in fee_words if line]
    yield label(_("Where")), [channels_in_words(variant["channels"])]
    yield label(_("What to prepare")), [_paper(one) for one in variant["components"]]
    yield label(_("Questions of the form")), list(_questions(variant["form"]))
    yield label(_("Steps of the process")), list(_steps(variant["process"]))
    letter = letters().get(result["letter"], (result["letter"], frozenset()))[0]
    yield label(_("Letter of the result")), [letter, result["notation"]]
    yield label(_("Words of the letter")), list(_letter(result))
    yield label(_("What the officer states")), list(_questions(result["form"]))
    # What no line above shows (limits of answers, where values come from) still shows that it differs.
    more = {key: variant.get(key) for key in ("form", "process", "components", "applicant", "competence", "decider")}
    yield label(_("Fingerprint of the data")), [digest({**more, "fee": fee, "result": result})[:16]]


def _paper(one: Data) -> str:
    kinds = {"original": _("original"), "copy": _("copy"), "shown": _("to be shown")}
    return f"{one['name']} ({one['copies']} {kinds[one['kind']]})" + (" *" if one["required"] else "")


def _questions(form: Data) -> Iterable[str]:
    """`Mục đích * (Kết hôn, Mua bán) [khi “Quan hệ” là Bản thân]`, in the order of asking."""
    definition, required = FormDefinition(form), set(form["schema"].get("required", ()))
    for page in form["layout"]["pages"]:
        for group in page["groups"]:
            for item in group["items"]:
                conditions = [one["when"] for one in (page, group, item) if "when" in one]
                words = " · ".join(in_words(one, definition) for one in conditions)
                when = f" [{_('when %(words)s') % {'words': words}}]" if words else ""
                options = ", ".join(localized(one) for one in item.get("options", {}).values())
                asked = localized(item.get("label") or item.get("note"))
                star = " *" if item.get("field") in required else ""
                yield asked + star + (f" ({options})" if options else "") + when


def _letter(result: Data) -> Iterable[str]:
    """What a letter of one's own says, with the names of answers in brackets."""
    if result["letter"] != DESIGNED:
        return
    names = Names(FormDefinition(result["form"]))
    yield from (result["data"][key]["value"] for key in ("title", "about"))
    yield from (names.shown(one["text"]) for one in result["data"]["body"]["write"])


def _steps(body: Data) -> Iterable[str]:
    """`Thẩm tra (Công chức chuyên môn, 3 ngày làm việc): propose → sign`."""
    for step in steps_in_order(body):
        role = str(Role(step.role).label) if step.role in Role.values else _("the applicant")
        limit = how_long(Variant(amount=step.duration.amount, unit=step.duration.unit)) if step.duration else ""
        ways = [f"{outcome} → {', '.join(targets) or _('end')}" for outcome, targets in step.ways()]
        yield f"{step.name} ({', '.join(filter(None, [role, limit]))}): {'; '.join(ways)}"


def steps_in_order(body: Data) -> list[Step]:
    """The steps of a process as work comes to them: the database does not keep the order of keys."""
    graph = read(body)
    seen = dict.fromkeys([graph.start])
    todo = [graph.start]
    for key in todo:
        following = [one for _outcome, targets in graph.nodes[key].ways() for one in targets if one not in seen]
        seen |= dict.fromkeys(following)
        todo += dict.fromkeys(following)
    found = [graph.nodes[key] for key in seen]
    return [node for node in found if isinstance(node, Step)]
