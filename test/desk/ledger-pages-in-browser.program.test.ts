import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { expect, test, vi } from 'vitest';
import { languages } from '../../src/domain/language.ts';
import { chromiumIsMissing, openBrowser } from '../report/html/browser-world.ts';
import { openPageWorld } from '../report/html/page-world.ts';
import { setRunState } from '../../src/ledger/runs/run-table.ts';
import { runId } from '../report/report-world.ts';
import { openLedgerDesk } from './ledger-desk.ts';

/** A browser starts slowly on a busy machine. */
vi.setConfig({ testTimeout: 1_200_000 });

const pages = ['/runs', `/runs/${runId}`];

test.skipIf(chromiumIsMissing).each(languages)(
  'pages of the ledger fit the screen, ask for nothing elsewhere and have no fault that axe finds, in %s (Chromium)',
  async (language) => {
    await using world = await openPageWorld();
    await setRunState(world.ledger, world.runNo, 'complete');
    await using desk = await openLedgerDesk(world.ledger, world.folder);
    await using browser = await openBrowser();
    for (const path of pages) {
      for (const width of [1440, 360]) {
        const { page, requests } = await browser.visit(desk.address + path, {
          viewport: { width, height: 800 },
          locale: language,
          bypassCSP: true,
        });
        expect([path, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([path, width]);
        expect(await page.locator('html').getAttribute('lang')).toBe(language);
        expect(requests.filter((address) => !address.startsWith(desk.address))).toEqual([]);
        await page.addScriptTag({ path: createRequire(import.meta.url).resolve('axe-core/axe.min.js') });
        const results: AxeResults = await page.evaluate('axe.run()');
        expect(results.violations.map(({ id, nodes }) => `${path} ${id}: ${nodes[0]?.html}`)).toEqual([]);
        expect(results.passes.length).toBeGreaterThan(10);
        await page.close();
      }
    }
  },
);

test.skipIf(chromiumIsMissing)(
  'their policy holds without a complaint, and the keyboard begins at the skip link (Chromium)',
  async () => {
    await using world = await openPageWorld();
    await setRunState(world.ledger, world.runNo, 'complete');
    await using desk = await openLedgerDesk(world.ledger, world.folder);
    await using browser = await openBrowser();
    for (const path of pages) {
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
