import { describe, expect, test } from 'vitest';
import { rowClasses, type RowClass } from '../../src/domain/class.ts';
import type { ReportedRow } from '../../src/ledger/runs/reported-rows.ts';
import { partOfClass, reportParts } from '../../src/report/folder/report-part.ts';
import { actorOfRow, noteOfRow } from '../../src/report/result-note.ts';

function row(rowClass: RowClass, overrides: Partial<ReportedRow> = {}): ReportedRow {
  return {
    row_no: 1,
    line: 2,
    cells: ['9999999999999999999'],
    class: rowClass,
    kept: false,
    code: null,
    message: null,
    http_status: null,
    correlation_id: null,
    attempts: 0,
    first_attempt_at: null,
    last_attempt_at: null,
    nights: 0,
    first_line: null,
    first_class: null,
    class_given_by: null,
    settled: null,
    rejection: null,
    reply: null,
    ...overrides,
  };
}

const kept = { kept: true };
const asked = 'not called any more until a person asks (retry)';

describe('the note of a row', () => {
  test.each<[RowClass, Partial<ReportedRow>, string]>([
    ['enrolled', {}, ''],
    ['duplicate', { first_line: 12, first_class: 'disputed' }, 'same record as line 12 (disputed)'],
    ['unprocessed', {}, 'the run ended before its call'],
    [
      'unprocessed',
      { attempts: 1 },
      'the answer to its call said nothing about this record, and the run ended before another call',
    ],
    ['transient', { nights: 13 }, ''],
    ['transient', { nights: 14 }, `came again for 14 nights; ${asked}`],
    ['ambiguous', { nights: 15 }, `came again for 15 nights; ${asked}`],
    ['bad_data', { nights: 15 }, ''],
    [
      'already_done',
      { ...kept, last_attempt_at: '2026-11-22T16:00:01.005Z' },
      'kept from an earlier run, not called: held as success, last called 2026-11-22T16:00:01.005Z',
    ],
    ['conflict', kept, `kept from an earlier run, not called: ${asked}`],
    [
      'action_required',
      { ...kept, nights: 13 },
      'kept from an earlier run, not called: it was called this night, and comes again another night',
    ],
    [
      'action_required',
      { ...kept, nights: 14 },
      `kept from an earlier run, not called: came again for 14 nights; ${asked}`,
    ],
  ])('%s %o', (rowClass, overrides, note) => {
    expect(noteOfRow(row(rowClass, overrides), { nightsLimit: 14, language: 'en' })).toBe(note);
  });

  test.each<[RowClass, Partial<ReportedRow>, string]>([
    ['bad_data', { class_given_by: 'job_file' }, 'class given by outcomes in the job file'],
    [
      'recovered',
      { class_given_by: 'job_file' },
      'an earlier call of ours had gone unanswered; class given by outcomes in the job file',
    ],
    [
      'already_active',
      { class_given_by: 'former_rule' },
      'held as success by an older rule in outcomes that is no longer allowed: the provider documents the code as a failure',
    ],
  ])('%s %o says who gave the class', (rowClass, overrides, note) => {
    expect(noteOfRow(row(rowClass, overrides), { nightsLimit: 14, language: 'en' })).toBe(note);
  });

  test('says who gave the class of what a person has settled, too', () => {
    const settled = { by: 'Kim', at: '2026-11-22T16:00:00Z', note: 'moved', ids: [] };
    const marked = row('bad_data', { settled, class_given_by: 'job_file' });
    expect(noteOfRow(marked, { nightsLimit: 14, language: 'en' })).toBe(
      'settled by Kim on 2026-11-22: moved; class given by outcomes in the job file',
    );
  });

  test('says one night as people do', () => {
    expect(noteOfRow(row('transient', { nights: 1 }), { nightsLimit: 1, language: 'en' })).toBe(
      `came again for 1 night; ${asked}`,
    );
  });
});

describe('the note of a row in Korean', () => {
  test.each<[RowClass, Partial<ReportedRow>, string]>([
    ['enrolled', {}, ''],
    ['duplicate', { first_line: 12, first_class: 'disputed' }, '12번째 줄과 같은 건입니다 (disputed)'],
    ['unprocessed', {}, '호출하기 전에 실행이 끝났습니다'],
    [
      'transient',
      { nights: 14 },
      '14일 밤에 걸쳐 다시 호출했습니다; 사람이 요청(retry)할 때까지 더 이상 호출하지 않습니다',
    ],
    [
      'already_done',
      { ...kept, last_attempt_at: '2026-11-22T16:00:01.005Z' },
      '이전 실행의 결과를 유지하고 호출하지 않았습니다: 이미 성공한 건이며 마지막 호출은 2026-11-22T16:00:01.005Z입니다',
    ],
  ])('%s %o', (rowClass, overrides, note) => {
    expect(noteOfRow(row(rowClass, overrides), { nightsLimit: 14, language: 'ko' })).toBe(note);
  });

  test('says something wherever the English one does, and in Korean only', () => {
    const circumstances: readonly Partial<ReportedRow>[] = [
      {},
      kept,
      { attempts: 1 },
      { nights: 14 },
      { ...kept, nights: 14 },
      { class_given_by: 'job_file' },
      { class_given_by: 'former_rule' },
      { first_line: 2, first_class: 'enrolled', last_attempt_at: '2026-11-22T16:00:01.005Z' },
    ];
    const notes = rowClasses.flatMap((rowClass) =>
      circumstances.map((overrides) => ({
        ko: noteOfRow(row(rowClass, overrides), { nightsLimit: 14, language: 'ko' }),
        en: noteOfRow(row(rowClass, overrides), { nightsLimit: 14, language: 'en' }),
      })),
    );
    expect(notes.filter(({ ko }) => ko !== '').length).toBeGreaterThan(30);
    expect(notes.filter(({ ko, en }) => (ko === '') !== (en === ''))).toEqual([]);
    expect(notes.filter(({ ko }) => ko !== '' && !/[가-힣]니다/.test(ko))).toEqual([]);
    expect(notes.filter(({ en }) => /[가-힣]/.test(en))).toEqual([]);
  });
});

describe('a row a person has settled', () => {
  const settled = {
    by: 'kim@desk',
    at: '2026-11-24T01:02:03.000Z',
    note: 'member 99 and 9999999999999999999 called',
    ids: ['99', 'P'.repeat(27)],
  };

  test('says who, when and why, without an id', () => {
    const note = noteOfRow(row('conflict', { kept: true, settled }), { nightsLimit: 14, language: 'en' });
    expect(note).toBe('settled by kim@desk on 2026-11-24: member ** and 99*************9999 called');
  });

  test('needs nobody, whatever its nights', () => {
    expect(actorOfRow(row('conflict', { settled }), 14)).toBe('nobody');
    expect(actorOfRow(row('conflict'), 14)).toBe('operations');
    expect(actorOfRow(row('transient', { nights: 14, settled }), 14)).toBe('nobody');
    expect(actorOfRow(row('transient', { nights: 14 }), 14)).toBe('operations');
  });
});

test('every class stands in one part, and every part has some', () => {
  expect(new Set(rowClasses.map(partOfClass))).toEqual(new Set(reportParts));
});
