"""XML from outside, read without doing what it says."""

from __future__ import annotations

import lxml.etree as etree
from django.utils.translation import gettext as _

from tinhso.core.ledger.actions import Refused

MAX_BYTES, MAX_ELEMENTS = 1_000_000, 10_000


def parse(data: bytes) -> etree._Element:
    """The root of an XML document. No entities, no DTD, no network, at most a megabyte.

    Raises `Refused`.
    """
    if len(data) > MAX_BYTES:
        raise _refused(_("This file is larger than a process needs (1 MB)."))
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as wrong:
        raise _refused(_("This is not readable XML (line %(line)s).") % {"line": wrong.lineno or 1}) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise _refused(_("A file with a document type or entities is not accepted."))
    if sum(1 for _one in root.iter()) > MAX_ELEMENTS:
        raise _refused(_("This file has more elements than a process needs."))
    return root


def _refused(message: str) -> Refused:
    return Refused("bpmn_unreadable", message, field="file", status=422)
