-- Whether the first records of the run, weighed before the rest goes, were found well; null: not weighed yet, or none.

alter table run add column canary text check (canary in ('passed', 'tripped'));
