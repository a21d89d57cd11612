-- The ledger: run, list_row, enrollment (the status table), attempt. Runs on PostgreSQL 15 to 18 and on PGlite.
-- No foreign keys between the big tables: every row of them is written by a statement that also checks the run's
-- epoch, and a key check a row would cost a third of the staging speed.
-- User ids are text: 19 digits fit neither a JavaScript number nor a bigint.

create table run (
  run_no        integer generated always as identity primary key,
  id            text not null unique,
  job           text not null check (job ~ '^[a-z0-9-]{1,64}$'),
  provider      text not null,
  kind          text not null check (kind in ('list', 'handed_back', 'retry')),
  state         text not null check (state in
                  ('staging', 'dispatching', 'reporting', 'complete', 'stopped', 'superseded', 'refused')),
  -- Raised by whoever takes the run on; every write names it, so that an overtaken process changes nothing.
  epoch         bigint not null default 1 check (epoch > 0),
  -- Noon to noon in the job's time zone, named by the date of its evening.
  night         date not null,
  list_name     text not null,
  -- SHA-256 of the file, or of what else makes a list the same list (a retry's selection).
  content       text not null,
  header        text[] not null default '{}',
  encoding      text,
  delimiter     text,
  user_id_column integer,
  par_column    integer,
  -- Counted while reading, apart from the rows that were staged; null until the whole list was read.
  rows_read     integer check (rows_read >= 0),
  blank_lines   integer,
  again         boolean not null default false,
  -- The job's effective settings without secrets: what a later retry runs under.
  settings      jsonb not null,
  exit_code     smallint,
  exit_reason   text,
  started_at    timestamptz not null,
  -- Database clock: an outcome recorded later than this, by another run, is news to this run.
  planned_at    timestamptz,
  finished_at   timestamptz,
  superseded_by text,
  check (state <> 'complete' or (exit_code is not null and rows_read is not null and finished_at is not null))
);
-- One run a job that can be continued, and one that is being staged: the first is closed only when the second's list
-- turned out to be readable to its end.
create unique index run_unfinished on run (job) where state in ('dispatching', 'reporting', 'stopped');
create unique index run_staging on run (job) where state = 'staging';

create table list_row (
  run_no        integer not null,
  row_no        integer not null check (row_no > 0),
  -- Physical line the row starts on.
  line          integer not null check (line > 0),
  cells         text[] not null,
  user_id       text check (user_id ~ '^[1-9][0-9]{0,18}$'),
  par           text check (par ~ '^[A-Z0-9]{27}$'),
  -- 0: the record was never called when the run was planned; these go first.
  turn          smallint not null default 0,
  class         text check (class in
                  ('enrolled', 'recovered', 'already_active', 'already_done', 'action_required', 'bad_data', 'conflict',
                   'unknown_code', 'ambiguous', 'transient', 'rejected', 'duplicate', 'disputed', 'unprocessed')),
  -- False: this run may still call the row's record. A class may stand already, that of the last call so far.
  settled       boolean not null default false,
  -- True: the class is the record's from an earlier run; no call of this run.
  kept          boolean not null default false,
  code          text,
  message       text,
  http_status   smallint,
  correlation_id text,
  attempts      integer not null default 0,
  first_attempt_at timestamptz,
  last_attempt_at timestamptz,
  -- duplicate: the earlier row of the same record.
  first_row_no  integer,
  -- Nights the record has come again without an end, as of this row's class.
  nights        integer not null default 0,
  primary key (run_no, row_no),
  check ((user_id is null) = (par is null)),
  check (user_id is not null or class = 'rejected'),
  check (not settled or class is not null),
  check ((first_row_no is not null) = (class is not distinct from 'duplicate'))
) with (fillfactor = 80);

create table enrollment (
  record_no     bigint generated always as identity primary key,
  provider      text not null,
  user_id       text not null check (user_id ~ '^[1-9][0-9]{0,18}$'),
  par           text not null check (par ~ '^[A-Z0-9]{27}$'),
  status        text not null default 'pending' check (status in
                  ('pending', 'sending', 'enrolled', 'recovered', 'already_active', 'action_required', 'bad_data',
                   'conflict', 'unknown_code', 'ambiguous', 'transient')),
  -- While sending: what the record goes back to when the call is taken back or says nothing of it.
  prior_status  text,
  sending_at    timestamptz,
  sending_correlation_id text,
  -- The run that works on the record now; nobody else touches it meanwhile.
  claim_run_no  integer,
  claim_row_no  integer,
  code          text,
  message       text,
  http_status   smallint,
  correlation_id text,
  attempts      integer not null default 0,
  -- Calls of ours that may have taken effect and were not answered, since the last success.
  unanswered    integer not null default 0 check (unanswered >= 0),
  -- Nights in a row that ended in a class that comes again.
  nights        integer not null default 0 check (nights >= 0),
  last_night    date,
  first_attempt_at timestamptz,
  last_attempt_at timestamptz,
  -- Database clock of the last outcome.
  recorded_at   timestamptz,
  first_success_at timestamptz,
  first_success_run_no integer,
  unique (provider, user_id, par),
  check ((status = 'sending') = (sending_at is not null)),
  check ((status = 'sending') = (prior_status is not null)),
  check ((status = 'sending') = (sending_correlation_id is not null)),
  check (prior_status <> 'sending'),
  check (status <> 'sending' or claim_run_no is not null),
  check ((claim_run_no is null) = (claim_row_no is null))
) with (fillfactor = 60);

create table attempt (
  attempt_no    bigint generated always as identity primary key,
  run_no        integer not null,
  row_no        integer not null,
  record_no     bigint not null,
  night         date not null,
  correlation_id text not null unique,
  -- Our clock, when the request's headers were written; for a lost call when sending was committed.
  sent_at       timestamptz not null,
  latency_ms    real,
  reply_kind    text not null check (reply_kind in ('answered', 'not_sent', 'no_answer', 'lost')),
  http_status   smallint,
  code          text,
  message       text,
  -- The body as it came, capped.
  raw_reply     text,
  error         text,
  -- The class the call gave, or stop_run.
  outcome       text not null check (outcome in
                  ('enrolled', 'recovered', 'already_active', 'action_required', 'bad_data', 'conflict', 'unknown_code',
                   'ambiguous', 'transient', 'stop_run'))
);
create index attempt_record on attempt (record_no);
create index attempt_run on attempt (run_no, sent_at);

-- Blocks of 1,024 correlation numbers: 28 bits in all, then around again. Leased, so that two processes that start
-- in the same second never write the same correlation id.
create sequence correlation_block minvalue 0 maxvalue 262143 cycle;

-- Who works on a job now. On server Postgres beside a session advisory lock; the beat is on the database's clock.
create table job (
  name          text primary key,
  -- Part of the advisory lock's key; raised when a lock is taken from a holder that no longer beats.
  generation    integer not null default 1,
  host          text,
  pid           integer,
  since         timestamptz,
  beat_at       timestamptz,
  progress      jsonb
);
