import { describe, expect, test } from 'vitest';
import {
  namedResultColumns,
  resemblesResultFile,
  resultColumns,
  splitHandedBackHeader,
} from '../../src/domain/result-columns.ts';

describe('namedResultColumns', () => {
  test('without a clash they are our names', () => {
    expect(namedResultColumns(['user_id', 'par'])).toEqual([...resultColumns]);
  });

  test('a clash in any letter case gets the prefix until it is free', () => {
    const named = namedResultColumns(['user_id', 'par', 'Line', 'NOTE', 'kona_note']);
    expect(named[0]).toBe('kona_line');
    expect(named.at(-2)).toBe('kona_kona_note');
    expect(named.slice(1, -2)).toEqual(resultColumns.slice(1, -2));
    expect(named.at(-1)).toBe('run');
  });
});

describe('splitHandedBackHeader', () => {
  test.each([[['user_id', 'par']], [['user_id', 'par', 'line', 'kona_note']], [[]]])(
    'takes off what was added to %j',
    (original) => {
      const header = [...original, ...namedResultColumns(original)];
      const runColumn = header.length - 1;
      expect(splitHandedBackHeader(header)).toEqual({ original, handedBack: true, runColumn });
    },
  );

  test('a list of an older version ends in all of ours but the run', () => {
    const header = ['user_id', 'par', ...namedResultColumns(['note']).slice(0, -1)];
    expect(splitHandedBackHeader(header)).toEqual({
      original: ['user_id', 'par'],
      handedBack: true,
      runColumn: null,
    });
  });

  test('a column deleted by a person leaves our prefix behind', () => {
    const header = ['user_id', 'par', ...namedResultColumns(['code'])];
    expect(header).toContain('kona_code');
    expect(splitHandedBackHeader(header)).toMatchObject({ original: ['user_id', 'par'], handedBack: true });
  });

  test('empty cells that a spreadsheet adds at the end do no harm', () => {
    expect(splitHandedBackHeader(['user_id', 'par', ...resultColumns, '', ' '])).toEqual({
      original: ['user_id', 'par'],
      handedBack: true,
      runColumn: resultColumns.length + 1,
    });
  });

  test.each([
    ['one of ours is missing', ['user_id', 'par', ...resultColumns.slice(1)]],
    ['another order', ['user_id', 'par', ...resultColumns.toReversed()]],
    ['a column after ours', ['user_id', 'par', ...resultColumns, 'memo']],
    ['none of ours', ['user_id', 'par']],
  ])('%s: not our file', (_, header) => {
    expect(splitHandedBackHeader(header)).toEqual({ original: header, handedBack: false, runColumn: null });
  });
});

test.each([
  ['a column after ours', ['user_id', 'par', ...resultColumns, 'memo'], true],
  ['one of ours deleted', ['user_id', 'par', ...resultColumns.slice(1)], true],
  [
    'ours in capitals, as typed again',
    ['user_id', 'par', ...resultColumns.map((name) => name.toUpperCase())],
    true,
  ],
  ['ours first', [...namedResultColumns(['note']), 'user_id', 'par'], true],
  ['our file as it stands', ['user_id', 'par', ...resultColumns], false],
  ['a list with some such names', ['user_id', 'par', 'line', 'class', 'code', 'message', 'note'], false],
])('a person has changed the columns of a result file: %s', (_, header, is) => {
  expect(resemblesResultFile(header)).toBe(is);
});
