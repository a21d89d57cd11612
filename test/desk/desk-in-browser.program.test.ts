import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { expect, test, vi } from 'vitest';
import { languages } from '../../src/domain/language.ts';
import { deskTextsIn } from '../../src/desk/texts/desk-texts-in.ts';
import { parseFixtures } from '../../src/sandbox/provider/fixtures.ts';
import { chromiumIsMissing, openBrowser } from '../report/html/browser-world.ts';
import { createDeskWorld } from './desk-world.ts';
import { looksWell, printsWell } from './looks-well.ts';

/** A browser starts slowly on a busy machine. */
vi.setConfig({ testTimeout: 1_200_000 });

/** This limit only ends a test that hangs; it measures no speed. */
const PATIENCE_MS = 600_000;

const sample = fileURLToPath(new URL('../../samples/legacy-users.csv', import.meta.url));
const fixturesFile = fileURLToPath(new URL('../../samples/sandbox-fixtures.yaml', import.meta.url));
const locales = { ko: 'ko-KR', en: 'en-GB' } as const;

test.skipIf(chromiumIsMissing).each(languages)(
  'a person without a terminal goes the whole way, in %s (Chromium)',
  async (language) => {
    const fixtures = parseFixtures(await readFile(fixturesFile, 'utf8'));
    await using desk = await createDeskWorld({ sandbox: { fixtures } });
    await using browser = await openBrowser();
    const texts = deskTextsIn(language);
    const { page, complaints, requests } = await browser.visit(`${desk.address}/`, {
      locale: locales[language],
      acceptDownloads: true,
    });
    page.setDefaultTimeout(PATIENCE_MS);
    const button = (name: string | RegExp): ReturnType<Page['getByRole']> =>
      page.getByRole('button', { name });
    const upload = async (file: string): Promise<void> => {
      await page.getByRole('link', { name: texts.uploads.new }).first().click();
      await page.getByLabel(texts.upload.file).setInputFiles(file);
      await button(texts.upload.send).click();
      await page.getByRole('heading', { name: texts.plan.heading }).waitFor();
    };
    const start = async (calls: string): Promise<void> => {
      await button(texts.plan.start(calls)).click();
      await page.getByRole('heading', { name: texts.result.files }).waitFor();
    };
    expect(await page.locator('html').getAttribute('lang')).toBe(language);
    await looksWell(page);
    await page.goto(`${desk.address}/uploads/new`);
    await looksWell(page);
    await page.goto(`${desk.address}/`);
    await upload(sample);
    await looksWell(page);
    expect(desk.world.sandbox.calls()).toEqual([]);
    await start('329');
    await looksWell(page);
    const shown = (name: string): Promise<boolean> => page.getByRole('heading', { name }).isVisible();
    expect(await shown(texts.result.files)).toBe(true);
    await printsWell(page);
    await page.emulateMedia({ media: 'print' });
    expect(await shown(texts.result.files)).toBe(false);
    const printed = await page.locator('h2:visible').count();
    await page.emulateMedia({ media: 'screen' });
    await page.getByLabel(texts.result.file, { exact: true }).selectOption('failed.xlsx');
    await page.getByLabel(texts.result.reason, { exact: true }).fill('11월 실패 건 수정');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      button(texts.result.download).click(),
    ]);
    expect(download.suggestedFilename()).toBe('legacy-users.failed.xlsx');
    const failed = join(desk.world.cwd, 'failed.xlsx');
    await download.saveAs(failed);
    await page.getByRole('link', { name: texts.result.report }).click();
    await page.locator('.verdict').waitFor();
    expect(await page.evaluate('getComputedStyle(document.body).color')).toBe('rgb(26, 29, 33)');
    // What is printed of an upload has all sections of its report, with the upload's facts in place of the hashes.
    expect(printed).toBe(await page.locator('h2').count());
    expect(printed).toBeGreaterThan(4);
    await page.goto(`${desk.address}/`);
    await upload(failed);
    await page.getByText(texts.plan.ours('retry-proof')).waitFor();
    // The plan that a process makes after a run counts its own list, and nothing of that run.
    expect((await page.locator('.equation').innerText()).match(/\d+/g)).toEqual(['31', '31']);
    await start('31');
    expect(complaints).toEqual([]);
    expect(requests.filter((url) => !url.startsWith(desk.address))).toEqual([]);
    await page.goto(`${desk.address}/uploads/new`);
    await button(texts.otherLanguage).click();
    const other = language === 'ko' ? 'en' : 'ko';
    await page.getByRole('heading', { name: deskTextsIn(other).upload.heading }).waitFor();
    expect(page.url()).toBe(`${desk.address}/uploads/new`);
  },
);

test.skipIf(chromiumIsMissing)(
  'a file is dropped; one that is too large is told before it is sent (Chromium)',
  async () => {
    await using desk = await createDeskWorld({});
    await using browser = await openBrowser();
    const { page, complaints } = await browser.visit(`${desk.address}/uploads/new`, { locale: 'en-GB' });
    page.setDefaultTimeout(PATIENCE_MS);
    const drop = async (bytes: number): Promise<void> => {
      const transfer = await page.evaluateHandle(
        `(() => { const data = new DataTransfer(); data.items.add(new File([new Uint8Array(${bytes})], 'list.csv')); return data; })()`,
      );
      await page.dispatchEvent('.drop', 'drop', { dataTransfer: transfer });
    };
    await drop(200 * 1024 * 1024 + 1);
    const texts = deskTextsIn('en');
    await page.getByText(texts.problems.too_large).waitFor();
    await page.getByRole('button', { name: texts.upload.send }).click();
    expect(page.url()).toBe(`${desk.address}/uploads/new`);
    await drop(10);
    expect(await page.getByText(texts.problems.too_large).count()).toBe(0);
    await page.getByRole('button', { name: texts.upload.send }).click();
    await page.getByText(texts.refused.heading).waitFor();
    expect(complaints).toEqual([]);
  },
);
