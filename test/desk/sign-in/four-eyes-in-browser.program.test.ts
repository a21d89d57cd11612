import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { expect, test, vi } from 'vitest';
import { deskTextsIn } from '../../../src/desk/texts/desk-texts-in.ts';
import { chromiumIsMissing, openBrowser } from '../../report/html/browser-world.ts';
import { listOf } from '../../support/enrolment-world.ts';
import { findFreePort } from '../../support/server/free-port.ts';
import { looksWell } from '../looks-well.ts';
import { PROXY_SECRET } from './named-browser.ts';
import { createSignedInWorld } from './signed-in-world.ts';

/** A browser starts slowly on a busy machine. */
vi.setConfig({ testTimeout: 1_200_000 });

test.skipIf(chromiumIsMissing)(
  'one person uploads, in Korean, and another approves, in English (Chromium)',
  async () => {
    const port = await findFreePort();
    const origin = `http://127.0.0.1:${port}`;
    await using desk = await createSignedInWorld({
      env: { KONA_DESK_URL: origin, KONA_DESK_PROXY_SECRET: PROXY_SECRET },
      listen: `127.0.0.1:${port}`,
      job: 'limits: { rate: 1000/s, concurrency: 4, timeout: 5s }',
    });
    await using browser = await openBrowser();
    const visit = async (email: string, locale: string, path: string) =>
      await browser.visit(`${origin}${path}`, {
        locale,
        extraHTTPHeaders: { 'x-auth-request-email': email, 'x-kona-desk-secret': PROXY_SECRET },
      });
    const [ko, en] = [deskTextsIn('ko'), deskTextsIn('en')];
    const list = join(desk.world.cwd, '11월 명단.csv');
    await writeFile(list, listOf(3));

    const uploader = await visit('kim@corp.example', 'ko-KR', '/uploads/new');
    await uploader.page.getByLabel(ko.upload.file).setInputFiles(list);
    await uploader.page.getByRole('button', { name: ko.upload.send }).click();
    await uploader.page.getByText(ko.approval.own).waitFor();
    expect(await uploader.page.getByRole('button', { name: ko.approval.approve('3') }).count()).toBe(0);
    await looksWell(uploader.page);

    const path = new URL(uploader.page.url()).pathname;
    const approver = await visit('lee@corp.example', 'en-GB', path);
    await approver.page.getByText(en.approval.asks).waitFor();
    await looksWell(approver.page);
    expect(desk.world.sandbox.calls()).toHaveLength(0);
    await approver.page.getByRole('button', { name: en.approval.approve('3') }).click();
    await approver.page.getByRole('heading', { name: en.result.files }).waitFor();
    await looksWell(approver.page);
    expect(desk.world.sandbox.calls()).toHaveLength(3);
    await uploader.page.reload();
    await uploader.page.getByRole('heading', { name: ko.result.files }).waitFor();
    expect(await uploader.page.getByText('lee@corp.example').count()).toBe(1);
    for (const { complaints, requests } of [uploader, approver]) {
      expect(complaints).toEqual([]);
      expect(requests.filter((url: string) => !url.startsWith(origin))).toEqual([]);
    }
  },
);
