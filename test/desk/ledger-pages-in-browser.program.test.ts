import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { expect, test, vi } from 'vitest';
import { languages } from '../../src/domain/language.ts';
import { chromiumIsMissing, openBrowser } from '../report/html/browser-world.ts';
import { openPageWorld } from '../report/html/page-world.ts';
import { setRunState } from '../../src/ledger/runs/run-table.ts';
import { par, runId } from '../report/report-world.ts';
import { openLedgerDesk } from './ledger-desk.ts';

/** A browser starts slowly on a busy machine. */
vi.setConfig({ testTimeout: 1_200_000 });

/** A page, and the text that is typed into its search field, if any. */
const pages: readonly { readonly path: string; readonly what?: string }[] = [
  { path: '/runs' },
  { path: `/runs/${runId}` },
  { path: `/runs/${runId}/rejected` },
  { path: '/search' },
  { path: '/search', what: '7' },
  { path: '/search', what: `${runId}:12` },
  { path: '/search', what: '987654321' },
  { path: '/breaks' },
  { path: '/breaks/par_changed' },
  { path: '/breaks/1' },
];

/** Opens a ledger with a run that has a row of every class, a record that was called, and a break of that record. */
async function openWorld() {
  const world = await openPageWorld();
  await setRunState(world.ledger, world.runNo, 'complete');
  await world.ledger.query(
    `insert into enrollment (provider, user_id, par, status, since, code, message, attempts, last_run_no)
     values ('provider-a', '7', $1, 'conflict', '2026-11-22T16:00:00Z', '007_012', 'A plan is set.', 1, $2)`,
    [par(7), world.runNo],
  );
  await world.ledger.query(
    `insert into break (provider, job, kind, user_id, par, other_par, details, first_seen_at, first_night, last_seen_at)
     values ('provider-a', 'nightly', 'par_changed', '7', $1, $2, 'enrolled', '2026-11-22', '2026-11-22', '2026-11-22')`,
    [par(7), par(8)],
  );
  await world.ledger.query('update attempt set record_no = 1 where row_no = 7');
  return world;
}

async function search(page: Page, what: string | undefined): Promise<void> {
  if (what === undefined) return;
  await page.locator('#what').fill(what);
  await page.locator('#what').press('Enter');
  await page.waitForURL('**/search');
  await page.waitForLoadState();
}

test.skipIf(chromiumIsMissing).each(languages)(
  'pages of the ledger fit the screen, ask for nothing elsewhere and have no fault that axe finds, in %s (Chromium)',
  async (language) => {
    await using world = await openWorld();
    await using desk = await openLedgerDesk(world.ledger, world.folder);
    await using browser = await openBrowser();
    for (const { path, what } of pages) {
      for (const width of [1440, 360]) {
        const { page, requests } = await browser.visit(desk.address + path, {
          viewport: { width, height: 800 },
          locale: language,
          bypassCSP: true,
        });
        await search(page, what);
        expect([path, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([path, width]);
        expect(await page.locator('html').getAttribute('lang')).toBe(language);
        expect(requests.filter((address) => !address.startsWith(desk.address))).toEqual([]);
        await page.addScriptTag({ path: createRequire(import.meta.url).resolve('axe-core/axe.min.js') });
        const results: AxeResults = await page.evaluate('axe.run()');
        expect(
          results.violations.map(({ id, nodes }) => `${path} ${what ?? ''} ${id}: ${nodes[0]?.html}`),
        ).toEqual([]);
        expect(results.passes.length).toBeGreaterThan(10);
        await page.close();
      }
    }
  },
);

test.skipIf(chromiumIsMissing)(
  'their policy holds without a complaint, and the keyboard begins at the skip link (Chromium)',
  async () => {
    await using world = await openWorld();
    await using desk = await openLedgerDesk(world.ledger, world.folder);
    await using browser = await openBrowser();
    for (const { path } of pages) {
      const { page, complaints } = await browser.visit(desk.address + path);
      await page.keyboard.press('Tab');
      expect(await page.evaluate('document.activeElement.className')).toBe('skip');
      expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
      await page.keyboard.press('Enter');
      expect(page.url()).toBe(`${desk.address}${path}#content`);
      expect(complaints).toEqual([]);
      await page.close();
    }
  },
);
