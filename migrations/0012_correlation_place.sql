-- Where this ledger counts its blocks of correlation numbers from. All ledgers under one ASP id share the provider's
-- space of correlation ids, so each draws a place at random, and draws again when it finds itself in another database or
-- folder than the one it drew in: a copy that went on counting would write the ids of its original.
create table correlation_place (
  -- One row at most.
  one           boolean primary key default true check (one),
  -- Which database this was drawn in; the program compares it with the one it has open.
  origin        text not null,
  start_block   integer not null check (start_block between 0 and 262143)
);
