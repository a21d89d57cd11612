-- Which version of the program began the run or continued it last; null: one that did not say.
alter table run add column program_version text;
