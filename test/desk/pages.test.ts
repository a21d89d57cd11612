import { expect, test } from 'vitest';
import { drawFigures } from '../../src/desk/pages/progress-section.ts';
import { drawNewUploadPage } from '../../src/desk/pages/new-upload-page.ts';
import { drawUploadPage } from '../../src/desk/pages/upload-page.ts';
import { drawUploadsPage } from '../../src/desk/pages/uploads-page.ts';
import { deskTextsIn } from '../../src/desk/texts/desk-texts-in.ts';
import { languages, type Language } from '../../src/domain/language.ts';
import type { UploadRow } from '../../src/ledger/desk/upload-table.ts';
import type { PageFrame } from '../../src/desk/pages/desk-page.ts';

const HOSTILE = '"><script>alert(1)</script>\u202E<img src=x>';
const ID = '9182736455463728190';

function frameIn(language: Language): PageFrame {
  const asset = (name: string) => ({ address: `/assets/0/${name}`, type: '', content: '' });
  return {
    language,
    texts: deskTextsIn(language),
    assets: { style: asset('desk.css'), script: asset('desk.js'), icon: asset('desk.svg') },
    person: { name: HOSTILE, account: null, roles: new Set(['uploader']) },
    signIn: null,
    token: HOSTILE,
    address: HOSTILE,
    zoneOf: () => 'Asia/Seoul',
  };
}

function uploadOf(changes: Partial<UploadRow>): UploadRow {
  return {
    id: '3b241101-e2bb-4255-8caf-4136c566a962',
    job: HOSTILE,
    file_name: HOSTILE,
    stored_name: 'x',
    sha256: 'f'.repeat(64),
    bytes: '1',
    uploaded_by: HOSTILE,
    uploaded_account: null,
    uploaded_at: new Date('2026-11-23T00:00:00Z'),
    state: 'received',
    said_yes: false,
    plan: null,
    settings_sha256: null,
    planned_at: null,
    needs_approval: false,
    approved_by: null,
    approved_at: null,
    voided: null,
    declined_by: null,
    declined_reason: null,
    refusal: null,
    request: null,
    asked_by: null,
    asked_at: null,
    begun_at: null,
    run_no: null,
    run_id: null,
    ended_at: null,
    exit_code: null,
    exit_cause: null,
    exit_reason: null,
    host: null,
    purged_at: null,
    ...changes,
  };
}

const nothing = { figures: null, result: null, files: null, sameFile: null };

test.each(languages)('no text of a person or a file becomes markup, in %s', (language) => {
  const frame = frameIn(language);
  const refusal = { en: HOSTILE, ko: null, mayPass: true };
  const pages = [
    drawUploadsPage(frame, [uploadOf({})]),
    drawNewUploadPage(frame, [HOSTILE, 'other']),
    drawUploadPage(frame, { upload: uploadOf({}), ...nothing }),
    drawUploadPage(frame, { upload: uploadOf({ state: 'refused', refusal }), ...nothing }),
    drawUploadPage(frame, { upload: uploadOf({ state: 'ended', exit_reason: HOSTILE }), ...nothing }),
  ];
  for (const page of pages) {
    expect(page).toContain('&lt;script&gt;');
    expect(page).not.toMatch(/<script>|<img|\u202E/);
    // Every script comes from a file of its own, and the page contains none.
    expect(page.match(/<script[^>]*>[^<]|<style|\sstyle=|\son[a-z]+=/g)).toBeNull();
  }
});

test('an id in the reason why no run came of it is masked', () => {
  const upload = uploadOf({ state: 'ended', exit_reason: `member ${ID} is not there` });
  const page = drawUploadPage(frameIn('en'), { upload, ...nothing });
  expect(page).toContain('91*************8190');
  expect(page).not.toContain(ID);
});

test.each(languages)('a refusal says where, what and what to do, each in its place, in %s', (language) => {
  const words = deskTextsIn(language).refused;
  const parts = {
    where: { en: 'line 3, column par', ko: '3행, 열 par' },
    what: { en: 'it is torn', ko: '찢어졌습니다' },
    toDo: { en: 'mend it', ko: '고쳐 주십시오' },
  };
  const refusal = {
    en: 'list.csv, line 3: it is torn; mend it; or give --yes.',
    ko: '…',
    mayPass: false,
    parts,
  };
  const page = drawUploadPage(frameIn(language), {
    upload: uploadOf({ state: 'refused', refusal }),
    ...nothing,
  });
  const facts = [...page.matchAll(/<dt>([^<]+)<\/dt>\s*<dd>([^<]+)<\/dd>/g)].map(([, name, value]) => [
    name,
    value,
  ]);
  expect(facts.slice(0, 3)).toEqual([
    [words.where, parts.where[language]],
    [words.what, parts.what[language]],
    [words.next, parts.toDo[language]],
  ]);
  expect(page).not.toContain('--yes');
});

test.each([
  ['ko', '다른 프로세스가 이 작업을 진행하고 있습니다.'],
  ['en', 'Another process is working on this job.'],
] as const)('why no run came of an upload is told in %s', (language, cause) => {
  const upload = uploadOf({ state: 'ended', exit_cause: 'held', exit_reason: 'job x is held by 1 on host' });
  const page = drawUploadPage(frameIn(language), { upload, ...nothing });
  expect(page).toContain(cause);
  // The program's own words are marked as English where they have no Korean.
  expect(page.includes('<span lang="en">job x is held')).toBe(language === 'ko');
  const refusal = { en: 'the file is gone', ko: '파일이 없습니다', mayPass: false };
  const refused = drawUploadPage(frameIn(language), {
    upload: uploadOf({ state: 'ended', exit_cause: 'list_refused', exit_reason: refusal.en, refusal }),
    ...nothing,
  });
  expect(refused).toContain(`<p>${refusal[language]}</p>`);
  expect(refused).not.toContain('<span lang="en">');
});

test.each(languages)(
  'a run of which no process reports is not told as one that has called nobody, in %s',
  (language) => {
    const { silent } = deskTextsIn(language).progress;
    const page = drawUploadPage(frameIn(language), { upload: uploadOf({ state: 'running' }), ...nothing });
    expect(page).toContain(silent);
  },
);

test('each state offers what can be done in it, and nothing else', () => {
  const actionsIn = (changes: Partial<UploadRow>): readonly string[] => {
    const page = drawUploadPage(frameIn('en'), { upload: uploadOf(changes), ...nothing });
    return [...page.matchAll(/action="\/uploads\/[^/]+\/(?<name>[a-z]+)"/g)].map(
      ({ groups }) => groups?.['name'] ?? '',
    );
  };
  const refusal = { en: 'x', ko: null };
  expect(actionsIn({ state: 'received' })).toEqual([]);
  expect(actionsIn({ state: 'refused', refusal: { ...refusal, mayPass: false } })).toEqual([]);
  expect(actionsIn({ state: 'refused', refusal: { ...refusal, mayPass: true } })).toEqual(['pass']);
  expect(actionsIn({ state: 'asked' })).toEqual(['withdraw']);
  expect(actionsIn({ state: 'running' })).toEqual([]);
  expect(actionsIn({ state: 'ended' })).toEqual(['start']);
  expect(actionsIn({ state: 'withdrawn' })).toEqual([]);
  expect(actionsIn({ state: 'expired' })).toEqual(['again']);
  // A plan that another version kept can't be shown, only made again.
  expect(actionsIn({ state: 'planned', plan: { other: 1 } })).toEqual(['again', 'withdraw']);
});

test('a run is told as the terminal tells it, its classes by their names', () => {
  const course = { en: 'running', ko: '진행 중' };
  const { text } = drawFigures(frameIn('ko'), {
    course,
    due: 9,
    final: { bad_data: 1, enrolled: 2, sending: 4 },
  });
  expect(text).toContain('9명 중 3명 호출');
  expect(text).toContain(course.ko);
  expect(text).not.toContain(course.en);
  expect(text.replaceAll(/\s+/g, ' ')).toMatch(/등록 완료 <b>2<\/b>.*데이터 오류 <b>1<\/b>/);
});

const refusal = { en: 'it is torn', ko: '찢어졌습니다', mayPass: true };

test.each([
  ['refused', uploadOf({ state: 'refused', refusal })],
  ['planned by another version', uploadOf({ state: 'planned', plan: null })],
  ['asked for', uploadOf({ state: 'asked' })],
  ['expired', uploadOf({ state: 'expired' })],
  ['ended without a run', uploadOf({ state: 'ended', exit_cause: 'held' })],
] as const)('of a list that is %s, only an uploader is shown what an uploader can do', (_, upload) => {
  const drawnFor = (role: 'uploader' | 'viewer'): string => {
    const frame = { ...frameIn('en'), person: { name: 'Ann', account: null, roles: new Set([role]) } };
    return drawUploadPage(frame, { upload, ...nothing }) + drawUploadsPage(frame, [upload]);
  };
  const words = deskTextsIn('en').uploadersDecide;
  expect(drawnFor('uploader')).toMatch(/action="\/uploads\/.*href="\/uploads\/new"/s);
  expect(drawnFor('uploader')).not.toContain(words);
  expect(drawnFor('viewer')).not.toMatch(/action="\/uploads\/|href="\/uploads\/new"/);
  expect(drawnFor('viewer')).toContain(words);
});
