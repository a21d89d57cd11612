import { expect, test } from 'vitest';
import { meaningOfCode } from '../../../src/report/texts/record-texts.ts';
import { englishRecordTexts } from '../../../src/report/texts/record-texts-en.ts';
import { koreanRecordTexts } from '../../../src/report/texts/record-texts-ko.ts';

test('an unknown code is told with what it means on sister calls, in both languages', () => {
  expect(meaningOfCode('007_026', englishRecordTexts)).toBe(
    "Not in the provider's documents (on sister calls: user has no auto plan)",
  );
  expect(meaningOfCode('007_026', koreanRecordTexts)).toMatch(
    /[가-힣].+on sister calls: user has no auto plan/,
  );
  expect(meaningOfCode('999_999', englishRecordTexts)).toBe("Not in the provider's documents");
  expect(meaningOfCode('000_002', englishRecordTexts)).not.toContain('sister');
});
