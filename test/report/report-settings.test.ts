import { expect, test } from 'vitest';
import { readReportSettings } from '../../src/report/report-settings.ts';
import { plantedSettings } from './planted-settings.ts';

test('a run’s own settings say in what its folder is written', () => {
  const korean = { ...plantedSettings, report: { directory: 'runs', language: 'ko' } };
  expect(readReportSettings(korean, 'a-run')).toEqual({
    settings: { nightsLimit: 3, language: 'ko', timeZone: 'Asia/Seoul', directory: 'runs' },
    said: null,
  });
});

test('those of before there was a choice of language are English, which needs no word', () => {
  const older = { ...plantedSettings, report: { directory: 'runs' } };
  expect(readReportSettings(older, 'a-run')).toMatchObject({ settings: { language: 'en' }, said: null });
});

test('those of another version are taken as far as they can be read, and that is said', () => {
  const newer = { ...plantedSettings, version: 2, timeZone: 'Mars/Olympus', report: { language: 'ko' } };
  expect(readReportSettings(newer, 'a-run')).toEqual({
    settings: { nightsLimit: 3, language: 'ko', timeZone: 'Asia/Seoul', directory: 'runs' },
    said:
      'run a-run keeps settings of another version of the program; its folder is written with ' +
      'retry.nights 3, report.language ko and times of Asia/Seoul',
  });
});

test.each([null, 'text', 7, ['a'], {}, { retry: null, report: 'ko', timeZone: 9 }])(
  'settings that are none at all (%j) are no reason for no report',
  (stored) => {
    const { settings, said } = readReportSettings(stored, 'a-run');
    expect(settings).toEqual({ nightsLimit: 14, language: 'en', timeZone: 'Asia/Seoul', directory: 'runs' });
    expect(said).toContain('another version');
  },
);
