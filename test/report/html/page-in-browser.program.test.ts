import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe, { type AxeResults } from 'axe-core';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { expect, test, vi } from 'vitest';
import { findOutsideTool } from '../../../tools/outside-tools.ts';
import { languages, type Language } from '../../../src/domain/language.ts';
import { everyClass, openPageWorld } from './page-world.ts';

const executablePath = findOutsideTool('Chromium');
const chromiumIsMissing = executablePath === undefined;

/** A browser starts slowly on a busy machine. */
vi.setConfig({ testTimeout: 180_000 });

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Long lists and words, beside a row of every class. */
const manyRows = [
  ...everyClass,
  ...Array.from({ length: 30 }, (_, index) => ({
    cells: [`${index + 100}`],
    class: 'unknown_code' as const,
    code: `9${String(index).padStart(2, '0')}_999`,
    message: 'AWordWithoutAnySpaces'.repeat(12),
    attempts: 1,
  })),
];

interface Visit {
  readonly page: Page;
  /** Everything the browser complained of. */
  readonly complaints: readonly string[];
  readonly requests: readonly string[];
}

async function openBrowser() {
  const browser: Browser = await chromium.launch({ executablePath: executablePath ?? '', args: flags });
  return {
    visit: async (file: string, options: BrowserContextOptions = {}): Promise<Visit> => {
      const page = await (await browser.newContext(options)).newPage();
      const complaints: string[] = [];
      const requests: string[] = [];
      page.on('console', (message) => complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('request', (request) => requests.push(request.url()));
      await page.goto(pathToFileURL(file).href);
      return { page, complaints, requests };
    },
    [Symbol.asyncDispose]: async () => {
      await browser.close();
    },
  };
}

async function openShownPage(language: Language) {
  const world = await openPageWorld(manyRows);
  await world.write({ language });
  return {
    file: join(world.runFolder, 'report.html'),
    [Symbol.asyncDispose]: async () => {
      await world[Symbol.asyncDispose]();
    },
  };
}

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

test.skipIf(chromiumIsMissing)(
  'its policy lets no script and no foreign style run (Chromium)',
  { tags: ['full'] },
  async () => {
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
  },
);

test.skipIf(chromiumIsMissing).each(languages)(
  'axe finds nothing serious, on a desk and on a phone, in %s (Chromium)',
  { tags: ['full'] },
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
  { tags: ['full'] },
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
