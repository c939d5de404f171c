"""By what the catalogue is browsed: field, level, service level, agency, life event; and how far what the province
offers goes online, which is counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..generate import slug
from ..national.texts import read_list
from ..rules import life_events

Names = tuple[str, str]  # Vietnamese, English


def facets_of(data: Mapping[str, Any]) -> dict[str, Names]:
    """`field:ho-tich` and so on of the data of one version, with names; levels are named by our own choices."""
    procedure, version = data["procedure"], data["version"]
    field = procedure["field"]
    found: dict[str, Names] = {
        f"field:{field['key']}": (field["name"], field.get("name_en", "")),
        f"level:{procedure['level']}": (procedure["level"], ""),
        f"online:{version['online']}": (version["online"], ""),
    }
    if procedure["level"] != "ministry" and not (version.get("notice") or {}).get("others"):
        found[f"offered:{version['online']}"] = (version["online"], "")
    for agency in read_list(version.get("authority", "")):
        found[f"agency:{slug(agency)}"] = (agency.rstrip(" .")[:300], "")
    for event in life_events(procedure["name"], field["name"]):
        found[f"event:{event['key']}"] = (event["name"]["vi"], event["name"]["en"])
    return found
