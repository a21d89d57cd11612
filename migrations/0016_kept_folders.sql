-- What the program wrote into run folders, so that a folder can be proved against the ledger. No id stands in it.

create table run_folder (
  folder_no     bigint generated always as identity primary key,
  run_no        integer not null,
  -- Our clock, before the first file took its name.
  written_at    timestamptz not null,
  -- The machine that has the folder, and the folder's absolute path there.
  host          text not null,
  place         text not null,
  language      text not null check (language in ('ko', 'en')),
  manifest_sha256 text not null check (manifest_sha256 ~ '^[0-9a-f]{64}$'),
  -- SHA-256 by name of every other file.
  files         jsonb not null,
  -- An entry whose commit went unheard is written once.
  unique (run_no, manifest_sha256)
);

-- False: a version that kept nothing of the folders it wrote has written one of this run.
alter table run add column folders_kept boolean not null default true;
update run set folders_kept = false;
