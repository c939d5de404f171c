"""After a restore no number is given a second time."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tinhso.cli.backup_folder import BackupFolder
from tinhso.core.agencies.models import Agency
from tinhso.core.ledger.actions import Actor, new_id
from tinhso.core.ledger.models import Entry, Remark
from tinhso.core.numbering.actions import dossier_code
from tinhso.core.numbering.given import given, hold
from tinhso.core.numbering.models import Book, Number

from .test_numbering import AT, agency, number_for

__all__ = ["agency"]  # a fixture
SYSTEM = Actor.system("restore")


def test_what_was_given_after_the_restored_moment_stays_voided_in_the_book(agency: Agency, tmp_path: Path) -> None:
    number_for(agency)
    dossier_code(agency.code, at=AT)
    known = given(AT)
    lost = {key: last + 2 for key, last in known.items()}  # two more of each, of which the database knows nothing
    lost[("book", str(agency.pk), "appointment_slips", "2026")] = 3
    lost[("book", str(new_id()), "outgoing", "2026")] = 9
    restore = new_id()

    assert hold(lost, restore=restore, by=SYSTEM, at=AT) == (5, 1)
    assert hold(lost, restore=restore, by=SYSTEM, at=AT) == (0, 1)

    assert number_for(agency).value == 4
    assert number_for(agency, kind="appointment_slips").value == 4
    assert dossier_code(agency.code, at=AT).endswith("-0004")
    voided = Number.objects.filter(subject_kind="ledger.restore", subject_id=restore, state="voided")
    assert sorted(voided.values_list("book__kind", "value")) == [
        ("appointment_slips", 1), ("appointment_slips", 2), ("appointment_slips", 3), ("outgoing", 2), ("outgoing", 3),
    ]  # fmt: skip
    assert Entry.objects.filter(event="numbering.voided").count() == Remark.objects.count() == 5
    assert Book.objects.filter(agency=agency).count() == 2


def test_only_what_can_be_given_again_is_told(agency: Agency) -> None:
    number_for(agency, AT - timedelta(days=800))
    number_for(agency)
    dossier_code(agency.code, at=AT - timedelta(days=9))
    assert given(AT) == {("book", str(agency.pk), "outgoing", "2026"): 1}


def test_a_backup_notes_numbers_as_they_are_given_and_takes_none_back(tmp_path: Path) -> None:
    folder, book, code = BackupFolder(tmp_path), ("book", "a", "outgoing", "2026"), ("code", "H1", "", "2026-10-08")
    assert folder.numbers() is None
    folder.keep_numbers({book: 3})
    folder.keep_numbers({book: 3, code: 7})
    folder.keep_numbers({book: 2, code: 8})
    with (tmp_path / "numbers.jsonl").open("a") as torn:
        torn.write('["book", "a", "outg')
    folder.keep_numbers({book: 4})
    assert folder.numbers() == {book: 4, code: 8}
    folder.tidy_numbers({book: 1})
    assert folder.numbers() == {book: 4}
