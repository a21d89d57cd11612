import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { attachment, policyOfReport } from '../../../src/desk/server/file-routes.ts';
import { englishDeskTexts } from '../../../src/desk/texts/desk-texts-en.ts';
import { koreanDeskTexts } from '../../../src/desk/texts/desk-texts-ko.ts';
import { ourFiles } from '../../../src/report/folder/folder-files.ts';

test('a file keeps its name in every script, and no name ends the header early', () => {
  expect(attachment('명단 (1).csv')).toBe(
    `attachment; filename="__ _1_.csv"; filename*=UTF-8''%EB%AA%85%EB%8B%A8%20%281%29.csv`,
  );
  expect(attachment('a";\r\nx: y.csv')).toBe(
    `attachment; filename="a____x_ y.csv"; filename*=UTF-8''a%22%3B%0D%0Ax%3A%20y.csv`,
  );
});

test("the report's own style is all that its policy lets through", () => {
  const hash = createHash('sha256').update('b{}').digest('base64');
  expect(policyOfReport('<style>b{}</style><script>x</script>')).toContain(
    `sandbox; default-src 'none'; style-src 'sha256-${hash}'`,
  );
});

test('what is given out is a file of ours, called by the same names in both languages', () => {
  const names = Object.keys(englishDeskTexts.result.kinds);
  expect(Object.keys(koreanDeskTexts.result.kinds)).toEqual(names);
  expect(names.filter((name) => !ourFiles.includes(name))).toEqual([]);
});
