import { expect, test } from 'vitest';
import { createFormats } from '../../../src/report/texts/formats.ts';

const instant = new Date('2026-11-22T16:04:05Z');

test('numbers and times stand in the reader’s form', () => {
  const korean = createFormats('ko', 'Asia/Seoul');
  const english = createFormats('en', 'Asia/Seoul');
  expect([korean, english].map((formats) => formats.number(1_234_567))).toEqual(['1,234,567', '1,234,567']);
  expect([korean, english].map((formats) => formats.dateTime(instant))).toEqual([
    '2026년 11월 23일 01:04:05 KST',
    '23 November 2026 01:04:05 KST',
  ]);
  expect([korean, english].map((formats) => formats.date('2026-11-22'))).toEqual([
    '2026년 11월 22일',
    '22 November 2026',
  ]);
  expect(createFormats('en', 'Europe/Berlin').dateTime(instant)).toBe(
    '22 November 2026 17:04:05 Europe/Berlin',
  );
  expect([korean.number(null), korean.dateTime(null), korean.duration(null)]).toEqual(['–', '–', '–']);
});

test.each([
  [0, '0초', '0 sec'],
  [12, '12ms', '12 ms'],
  [999.7, '1초', '1 sec'],
  [61_000, '1분 1초', '1 min 1 sec'],
  [3_600_000, '1시간', '1 hr'],
  [3_725_000, '1시간 2분', '1 hr 2 min'],
  [90_000_000, '1일 1시간', '1 day 1 hr'],
])('%d ms in words', (milliseconds, korean, english) => {
  expect(createFormats('ko', 'UTC').duration(milliseconds)).toBe(korean);
  expect(createFormats('en', 'UTC').duration(milliseconds)).toBe(english);
});

test('a share that is not all and not nothing never looks like it', () => {
  const formats = createFormats('en', 'UTC');
  const shown = [0, 0.000_01, 0.204, 0.999_99, 1].map((share) => formats.percent(share));
  expect(shown).toEqual(['0.0%', '0.1%', '20.4%', '99.9%', '100.0%']);
});
