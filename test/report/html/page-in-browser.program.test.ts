import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { languages } from '../../../src/domain/language.ts';
import { chromiumIsMissing, openBrowser, openShownPage } from './browser-world.ts';

test.skipIf(chromiumIsMissing).each(languages)(
  'opens without a complaint or a request, and is never wider than the screen, in %s (Chromium)',
  async (language) => {
    await using shown = await openShownPage(language);
    await using browser = await openBrowser();
    for (const width of [1280, 768, 360]) {
      const { page, complaints, requests } = await browser.visit(shown.file, {
        viewport: { width, height: 800 },
      });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      expect(await page.locator('html').getAttribute('lang')).toBe(language);
      expect(requests).toEqual([pathToFileURL(shown.file).href]);
      expect(complaints).toEqual([]);
    }
  },
);
