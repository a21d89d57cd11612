import { createRequire } from 'node:module';
import axe, { type AxeResults } from 'axe-core';
import { expect, test } from 'vitest';
import { languages } from '../../../src/domain/language.ts';
import { chromiumIsMissing, openBrowser, openShownPage } from './browser-world.ts';

test.skipIf(chromiumIsMissing)('its policy lets no script and no foreign style run (Chromium)', async () => {
  await using shown = await openShownPage('en');
  await using browser = await openBrowser();
  const attack = `(() => {
    const script = document.createElement('script');
    script.textContent = 'document.title = "taken over"';
    document.body.append(script);
    const image = document.createElement('img');
    image.src = 'data:image/gif;base64,R0lGODlhAQABAAAAACw=';
    document.body.append(image);
    document.body.setAttribute('style', 'color: rgb(1, 2, 3)');
    return [document.title, getComputedStyle(document.body).color];
  })()`;
  const held = await browser.visit(shown.file);
  expect(await held.page.evaluate(attack)).toEqual([
    'Auto-recharge enrolment report · 20261122T160000Z-nightly-0a1b',
    'rgb(26, 29, 33)',
  ]);
  expect(held.complaints.join('\n')).toMatch(/Content Security Policy/);
  // Without the policy it would.
  const open = await browser.visit(shown.file, { bypassCSP: true });
  expect(await open.page.evaluate(attack)).toEqual(['taken over', 'rgb(1, 2, 3)']);
});

test.skipIf(chromiumIsMissing).each(languages)(
  'axe finds nothing serious, on a desk and on a phone, in %s (Chromium)',
  async (language) => {
    await using shown = await openShownPage(language);
    await using browser = await openBrowser();
    for (const width of [1280, 360]) {
      const { page } = await browser.visit(shown.file, { bypassCSP: true, viewport: { width, height: 800 } });
      await page.addScriptTag({ path: createRequire(import.meta.url).resolve('axe-core/axe.min.js') });
      expect(await page.evaluate('axe.version')).toBe(axe.version);
      const results: AxeResults = await page.evaluate('axe.run()');
      const serious = results.violations.filter(
        ({ impact }) => impact === 'serious' || impact === 'critical',
      );
      expect(serious.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
      expect(results.passes.length).toBeGreaterThan(10);
    }
  },
);

test.skipIf(chromiumIsMissing)(
  'prints on A4: nothing is cut on the right, no row between pages (Chromium)',
  async () => {
    await using shown = await openShownPage('ko');
    await using browser = await openBrowser();
    // A4 less its margins, at 96 dots an inch.
    const { page } = await browser.visit(shown.file, { viewport: { width: 695, height: 1009 } });
    await page.emulateMedia({ media: 'print' });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(695);
    const breaks: string[] = await page.evaluate(
      `[...new Set([...document.querySelectorAll('tr')].map((row) => getComputedStyle(row).breakInside))]`,
    );
    expect(breaks).toEqual(['avoid']);
    const pdf = await page.pdf({ preferCSSPageSize: true });
    const text = pdf.toString('latin1');
    const pages = text.match(/\/Type\s*\/Page\b/g) ?? [];
    expect(pages.length).toBeGreaterThanOrEqual(4);
    expect(pages.length).toBeLessThanOrEqual(10);
    expect(text).toMatch(/\/MediaBox\s*\[0 0 59[45][.\d]* 84[12][.\d]*\]/);
  },
);
