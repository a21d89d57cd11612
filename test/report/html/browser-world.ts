import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { findOutsideTool } from '../../../tools/outside-tools.ts';
import type { Language } from '../../../src/domain/language.ts';
import { everyClass, openPageWorld } from './page-world.ts';

const executablePath = findOutsideTool('Chromium');
export const chromiumIsMissing = executablePath === undefined;

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

/** A browser, and how to look at a file or an address with it; closed at the end of the scope. */
export async function openBrowser() {
  const browser: Browser = await chromium.launch({ executablePath: executablePath ?? '', args: flags });
  return {
    visit: async (place: string, options: BrowserContextOptions = {}): Promise<Visit> => {
      const page = await (await browser.newContext(options)).newPage();
      const complaints: string[] = [];
      const requests: string[] = [];
      page.on('console', (message) => complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('request', (request) => requests.push(request.url()));
      await page.goto(URL.canParse(place) ? place : pathToFileURL(place).href);
      return { page, complaints, requests };
    },
    [Symbol.asyncDispose]: async () => {
      await browser.close();
    },
  };
}

/** The page of a run with a row of every class and many more. */
export async function openShownPage(language: Language) {
  const world = await openPageWorld(manyRows);
  await world.write({ language });
  return {
    file: join(world.runFolder, 'report.html'),
    [Symbol.asyncDispose]: async () => {
      await world[Symbol.asyncDispose]();
    },
  };
}
