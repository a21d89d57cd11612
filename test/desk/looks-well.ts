import axe, { type AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** Expects that axe finds nothing serious, and that the page fits the screen of a desk and of a phone. */
export async function looksWell(page: Page): Promise<void> {
  for (const width of [360, 1440]) {
    await page.setViewportSize({ width, height: 900 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    await page.evaluate(axe.source);
    const results: AxeResults = await page.evaluate('axe.run()');
    const serious = results.violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    expect(serious.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
    expect(results.passes.length).toBeGreaterThan(10);
  }
}

/** Expects of a page that is printed: nothing to press or to go to, nothing wider than paper, no row cut in two. */
export async function printsWell(page: Page): Promise<void> {
  await page.emulateMedia({ media: 'print' });
  await page.setViewportSize({ width: A4_PIXELS, height: 900 });
  for (const name of ['nav', 'form', 'button', 'footer', '.skip', '.actions', 'a[href="/uploads/new"]']) {
    for (const one of await page.locator(name).all())
      expect([name, await one.isVisible()]).toEqual([name, false]);
  }
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(A4_PIXELS);
  const looks = `[...document.querySelectorAll('tbody tr')].filter((row) => getComputedStyle(row).breakInside !== 'avoid').length`;
  expect(await page.locator('tbody tr').count()).toBeGreaterThan(0);
  expect(await page.evaluate(looks)).toBe(0);
  expect(
    await page.evaluate(
      `[...document.querySelectorAll('thead')].map((head) => getComputedStyle(head).display)`,
    ),
  ).toEqual(Array(await page.locator('thead').count()).fill('table-header-group'));
  await page.emulateMedia({ media: 'screen' });
}

/** A4 without its margins, at 96 pixels an inch. */
const A4_PIXELS = 695;
