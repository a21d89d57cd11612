-- What was proved of a run, and what it found otherwise than the night before, as of its finish. The ledger goes on
-- after that and is purged, a report made again later still says the same. Counts only, no ids.

-- A list of equations, each with both figures, see src/domain/control-totals.ts. Null: the run has no end, or an older
-- program ended it.
alter table run add column control_totals jsonb;
-- See src/domain/night-difference.ts. Null: not compared, as for all runs but those on a list that came to their end.
alter table run add column night_difference jsonb;
