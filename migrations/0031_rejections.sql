-- Why a row was rejected, as parts of the sentence that tells it: the reason is the row's code. Rows that an older
-- version staged keep their sentence in message, and are told with it.
alter table list_row add column rejection jsonb;

-- Parts that may be kept: no key but ours, a cell masked, a header cut, and nowhere what may be a whole id.
alter table list_row add constraint list_row_rejection_check check (rejection is null or (
  class = 'rejected' and message is null and not purged
  and code in ('user_id_missing', 'user_id_format', 'user_id_zero', 'user_id_length', 'user_id_error', 'par_missing',
               'par_length', 'par_lower_case', 'par_format', 'par_error', 'cells', 'heading')
  and jsonb_typeof(rejection) = 'object'
  and rejection - array['column', 'isFormula', 'cell', 'foreign', 'hasMoreForeign', 'length', 'error', 'cells',
                        'expectedCells'] = '{}'
  and length(rejection->>'column') <= 41
  and coalesce(rejection->'cell', '{}') - array['masked', 'cutFrom'] = '{}'
  and rejection->'cell'->>'masked' ~ '^(..\*{4,34}....|\*{6}...|\*{4,6}..|\*{2,4}.|\*{1,2}|)$' is not false
  and rejection->>'error' ~ '^#([A-Z_]{1,16}(/[A0])?[!?]?)?$' is not false
  and rejection->>'foreign' ~ '^\[("U\+[0-9A-F]{4,6}"(, )?){0,3}\]$' is not false
  and rejection::text !~ '[0-9]{10}|[A-Z0-9]{27}'));
