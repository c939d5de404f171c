"""The tables of the ledger and of the access log, and the SQL that makes them append-only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Log:
    """One sealed log: its name and the tables it lives in."""

    name: str
    entry: str
    position: str
    seal: str

    def sql(self, text: str) -> str:
        """`text` with `{log.entry}`, `{log.position}`, `{log.seal}` filled in."""
        return text.format(log=self)


LEDGER = Log("ledger", "ledger_entry", "ledger_position", "ledger_seal")
ACCESS = Log("access", "ledger_accessentry", "ledger_accessposition", "ledger_accessseal")
LOGS = (LEDGER, ACCESS)

# The application role holds only INSERT and SELECT on these.
APPEND_ONLY = tuple(table for log in LOGS for table in (log.entry, log.position, log.seal))

# No foreign key from positions to entries: neither can be deleted, and the sequencer fills the one
# from the other; checking every row again would cost it a third of its speed.
CREATE = """
CREATE TABLE {log.entry} (
    id uuid PRIMARY KEY,
    cause uuid NOT NULL,
    event varchar(80) NOT NULL,
    version smallint NOT NULL,
    subject_kind varchar(60) NOT NULL,
    subject_id uuid NOT NULL,
    actor varchar(80) NOT NULL,
    agency_id uuid,
    at timestamptz NOT NULL,
    payload text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    serial bigint GENERATED ALWAYS AS IDENTITY,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id()
);
CREATE UNIQUE INDEX {log.entry}_serial ON {log.entry} (serial);
CREATE INDEX {log.entry}_xid ON {log.entry} (xid);
CREATE INDEX {log.entry}_subject ON {log.entry} (subject_id, serial);
CREATE TABLE {log.position} (
    position bigint PRIMARY KEY,
    entry_id uuid NOT NULL UNIQUE,
    leaf bytea NOT NULL
);
CREATE TABLE {log.seal} (
    number bigint PRIMARY KEY,
    first bigint NOT NULL,
    last bigint NOT NULL UNIQUE CHECK (last >= first),
    root bytea NOT NULL,
    previous bytea NOT NULL,
    at timestamptz NOT NULL,
    body text NOT NULL,
    signature bytea NOT NULL
);
INSERT INTO ledger_horizon (log, serial, xid) VALUES ('{log.name}', 0, '0');
"""

# Every entry with a serial up to `serial` and a transaction id below `xid` has its position.
HORIZON = "CREATE TABLE ledger_horizon (log text PRIMARY KEY, serial bigint NOT NULL, xid xid8 NOT NULL);"

REFUSE = """
CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only: % of % refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
"""

TRIGGERS = """
CREATE TRIGGER {table}_rows BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER {table}_whole BEFORE TRUNCATE ON {table} EXECUTE FUNCTION ledger_refuse();
"""


def create_sql() -> str:
    """All tables and triggers of both logs."""
    parts = [HORIZON, REFUSE]
    parts += [log.sql(CREATE) for log in LOGS]
    parts += [TRIGGERS.format(table=table) for table in APPEND_ONLY]
    return "\n".join(parts)


# Whoever runs this function, it acts as the owner, and so it trusts nobody: it deletes whole seals of the access
# log, from the oldest, and only below the newest floor that the sealed ledger declares, older than the least time,
# never the newest seal (positions and seals are numbered on from there).
PRUNE = """
CREATE FUNCTION ledger_refuse_unless_pruning() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('tinhso.pruning', true) = 'on' AND current_user =
        (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = TG_RELID) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the ledger is append-only: % of % refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE FUNCTION ledger_prune_access(most integer) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    floor bigint;
    through bigint;
    until bigint;
BEGIN
    SELECT max((e.payload::jsonb #>> '{{data,seal}}')::bigint) INTO floor
    FROM ledger_entry e JOIN ledger_position p ON p.entry_id = e.id
    JOIN ledger_accessseal s ON s.number = (e.payload::jsonb #>> '{{data,seal}}')::bigint
        AND encode(sha256(convert_to(s.body, 'UTF8')), 'hex') = e.payload::jsonb #>> '{{data,body}}'
    WHERE e.event = 'ledger.access_pruned' AND p.position <= (SELECT max(last) FROM ledger_seal)
      AND s.at < now() - interval '{least} months' AND s.number < (SELECT max(number) FROM ledger_accessseal);
    SELECT max(number), max(last) INTO through, until FROM (
        SELECT number, last FROM ledger_accessseal WHERE number <= floor ORDER BY number
        LIMIT greatest(most, 1)) oldest;
    IF through IS NULL THEN
        RETURN 0;
    END IF;
    PERFORM set_config('tinhso.pruning', 'on', true);
    DELETE FROM ledger_accessentry WHERE id IN (SELECT entry_id FROM ledger_accessposition WHERE position <= until);
    DELETE FROM ledger_accessposition WHERE position <= until;
    DELETE FROM ledger_accessseal WHERE number <= through;
    PERFORM set_config('tinhso.pruning', 'off', true);
    RETURN through;
END $$;
"""
LEAST_MONTHS = 12  # nobody prunes sooner, whatever is configured

PRUNE_TRIGGERS = """
DROP TRIGGER {table}_rows ON {table};
CREATE TRIGGER {table}_rows BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_unless_pruning();
"""


def pruning_sql() -> str:
    """The one way by which anything leaves a log: the access log's oldest seals (docs/decisions/0025)."""
    tables = (ACCESS.entry, ACCESS.position, ACCESS.seal)
    return PRUNE.format(least=LEAST_MONTHS) + "".join(PRUNE_TRIGGERS.format(table=table) for table in tables)
