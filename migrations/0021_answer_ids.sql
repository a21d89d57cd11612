-- The correlation id that an answer carried where it was another one than its call's: the answer was another call's, or
-- somebody on the way writes ids of its own.
alter table attempt add column answer_correlation_id text;
