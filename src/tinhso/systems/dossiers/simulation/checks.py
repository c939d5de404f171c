"""What must hold of every dossier, found from the rows alone and, for due times, by another calculation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db import connection

from . import clocks

# (what is wrong, a query for the codes of dossiers where it is)
FAULTS = (
    ("an open dossier without a way on", """
        SELECT d.code FROM dossiers_dossier d WHERE (d.state IN (1, 2, 4, 5, 9) OR d.correct_by IS NOT NULL)
        AND NOT EXISTS (SELECT 1 FROM process_task t WHERE t.subject_id = d.id AND t.closed_at IS NULL)"""),
    ("a closed dossier with an open task", """
        SELECT d.code FROM dossiers_dossier d JOIN process_task t ON t.subject_id = d.id
        WHERE d.state IN (3, 7, 8, 10) AND d.correct_by IS NULL AND t.closed_at IS NULL"""),
    ("an accepted dossier without a slip", """
        SELECT d.code FROM dossiers_dossier d WHERE d.accepted_at IS NOT NULL AND NOT EXISTS
        (SELECT 1 FROM dossiers_letter l WHERE l.dossier_id = d.id AND l.form = '01')"""),
    ("refused without form 03, or stopped without 03 or 05", """
        SELECT d.code FROM dossiers_dossier d WHERE d.state IN (3, 8) AND NOT EXISTS
        (SELECT 1 FROM dossiers_letter l WHERE l.dossier_id = d.id
         AND (l.form = '03' OR l.form = '05' AND d.state = 8))"""),
    ("waiting for the applicant without a request, or the other way round", """
        SELECT d.code FROM dossiers_dossier d WHERE (d.state = 5) <> EXISTS
        (SELECT 1 FROM dossiers_supplement s JOIN dossiers_letter l ON l.id = s.letter_id AND l.form = '02'
         WHERE s.dossier_id = d.id AND s.received_at IS NULL AND d.finished_at IS NULL)"""),
    ("processed without a numbered result, or what another agency granted", """
        SELECT d.code FROM dossiers_dossier d WHERE d.state IN (9, 10) AND NOT EXISTS
        (SELECT 1 FROM dossiers_result r WHERE r.dossier_id = d.id AND r.version = 1 AND r.number_id IS NOT NULL
         AND r.issued_at = d.finished_at AND r.signed_at <= r.numbered_at) AND NOT EXISTS
        (SELECT 1 FROM process_task t WHERE t.subject_id = d.id AND t.kind IN ('elsewhere', 'linked')
         AND t.outcome = 'granted' AND t.closed_at = d.finished_at)"""),
    ("a corrected result that does not stand in the place of one before", """
        SELECT d.code FROM dossiers_dossier d JOIN dossiers_result r ON r.dossier_id = d.id
        LEFT JOIN dossiers_result b ON b.dossier_id = d.id AND b.version = r.version - 1
        LEFT JOIN dossiers_result n ON n.dossier_id = d.id AND n.version = r.version + 1
        WHERE r.version > 1 AND r.issued_at IS DISTINCT FROM b.replaced_at
        OR n.issued_at IS DISTINCT FROM r.replaced_at
        OR r.issued_at IS NOT NULL AND (r.number_id IS NULL OR r.signed_at > r.numbered_at)
        OR r.version > 1 AND r.returned_at IS NULL AND d.correct_by IS NULL
        OR r.returned_at < r.issued_at OR r.replaced_at < d.returned_at OR r.cancelled_at < d.returned_at"""),
    ("returned with the fee owed", """
        SELECT d.code FROM dossiers_dossier d WHERE d.state = 10 AND d.fee > 0 AND NOT EXISTS
        (SELECT 1 FROM dossiers_feereceipt f WHERE f.dossier_id = d.id AND f.amount = d.fee)"""),
    ("a paper that somebody else has", """
        SELECT d.code FROM dossiers_component c JOIN dossiers_dossier d ON d.id = c.dossier_id
        JOIN files_filelink l ON l.id = c.file_id
        WHERE l.owner_kind <> 'dossiers.dossier' OR l.owner_id IS DISTINCT FROM d.id"""),
    ("times out of order", """
        SELECT code FROM dossiers_dossier WHERE accepted_at < submitted_at OR finished_at < submitted_at
        OR returned_at < finished_at OR (finished_at IS NULL) <> (state IN (1, 2, 4, 5))
        OR (returned_at IS NULL) = (state = 10) OR correct_by < returned_at"""),
    ("a task out of order", """
        SELECT code FROM process_task WHERE subject_kind = 'dossiers.dossier' AND closed_at < opened_at"""),
    ("no entry of its submission, or two", """
        SELECT d.code FROM dossiers_dossier d
        LEFT JOIN ledger_entry e ON e.subject_id = d.id AND e.event = 'dossiers.submitted'
        GROUP BY d.id, d.code HAVING count(e.id) <> 1"""),
)  # fmt: skip


def check(at: datetime) -> Iterator[str]:
    """Sentences about what is wrong; none is right."""
    with connection.cursor() as cursor:
        for what, query in FAULTS:
            cursor.execute(f"SELECT count(*), min(code) FROM ({query}) AS f (code)")  # noqa: S608  # our own queries
            count, first = cursor.fetchone()
            if count:
                yield f"{count} dossiers: {what}, e.g. {first}"
    yield from clocks.check()
