import { maskedForm } from '../../domain/identity/id-form.ts';
import { maskId } from '../../domain/identity/masking.ts';
import type { Language } from '../../domain/language.ts';
import { findRecord, type RecordRow } from '../../ledger/runs/enrollment-table.ts';
import { findNamed } from '../../report/life/find-named.ts';
import { readLife, rowOf } from '../../report/life/record-life.ts';
import { drawRecordPage } from '../pages/record-page.ts';
import { drawSearchPage, type SearchResult } from '../pages/search-page.ts';
import { VIEWER } from '../sign-in/route-roles.ts';
import { sendPage, type DeskParts } from '../server/desk-parts.ts';
import { DeskProblemError } from '../server/desk-problem-error.ts';
import { fieldOf } from '../server/desk-server.ts';
import { servedJobsOf, servedProvidersOf } from '../server/served-jobs.ts';

/** A page shows hardly more records than this for one search. */
const MOST_PICKED = 100;

/** No id and no row is named by a longer text. */
const LONGEST_NAME = 200;

/**
 * Adds the search for a record, whose page tells the record's whole life. The search is a posted form, so that what a
 * person types stands in no address and is stored nowhere.
 */
export function addSearchRoutes(parts: DeskParts): void {
  const { app, ledger, frameOf, checkToken } = parts;
  app.get('/search', VIEWER, async (request, reply) => {
    await sendPage(reply, drawSearchPage(frameOf(request, reply), null));
  });
  app.post('/search', { ...VIEWER, preHandler: checkToken }, async (request, reply) => {
    const frame = frameOf(request, reply);
    const recordNo = fieldOf(request.body, 'record');
    const what = (fieldOf(request.body, 'what') ?? '').slice(0, LONGEST_NAME);
    const found = recordNo === null ? await find(parts, what, frame.language) : await pick(parts, recordNo);
    const [record, ...others] = found.kind === 'records' ? found.records : [];
    if (found.kind !== 'records' || record === undefined || others.length > 0) {
      await sendPage(reply, drawSearchPage({ ...frame, found: fieldsOf(found) }, found));
      return;
    }
    const life = await readLife(ledger, record, { form: maskedForm, language: frame.language });
    await sendPage(reply, drawRecordPage({ ...frame, found: fieldsOf(found) }, life, servedJobsOf(parts)));
  });
}

/** Finds only records and runs of the jobs that the desk serves. */
async function find(parts: DeskParts, what: string, language: Language): Promise<SearchResult> {
  if (what.trim() === '') return { kind: 'nothing' };
  const named = await findNamed(parts.ledger, what);
  if (named.kind === 'no_record') return { kind: 'no_record', shown: maskId(what.trim()) };
  if (named.kind !== 'named') return { kind: named.kind };
  if (named.run !== null && !servedJobsOf(parts).includes(named.run.job)) return { kind: 'no_run' };
  const records = named.records.filter((record) => isServed(parts, record));
  if (named.row === null && records.length === 0) return { kind: 'no_record', shown: maskId(what.trim()) };
  return {
    kind: 'records',
    row: rowOf(named, maskedForm, language),
    records,
    purgedOn: named.purgedOn,
  };
}

/** Returns the record that a person picked from several, or those that are shown once more. */
async function pick(parts: DeskParts, picked: string): Promise<SearchResult> {
  const records: RecordRow[] = [];
  for (const recordNo of picked.split(',').slice(0, MOST_PICKED)) {
    const record = /^[1-9]\d{0,17}$/.test(recordNo) ? await findRecord(parts.ledger, recordNo) : null;
    if (record === null || !isServed(parts, record)) throw new DeskProblemError('not_found');
    records.push(record);
  }
  return { kind: 'records', row: null, records, purgedOn: null };
}

/** Returns the fields that find the same once more. They name records by number and rows by line, never by an id. */
function fieldsOf(found: SearchResult): Readonly<Record<string, string>> {
  if (found.kind !== 'records') return {};
  const { row, records } = found;
  if (records.length > 0) return { record: records.map(({ record_no: no }) => no).join(',') };
  return row === null ? {} : { what: `${row.run_id}:${row.line}` };
}

function isServed(parts: DeskParts, { provider }: RecordRow): boolean {
  return servedProvidersOf(parts).includes(provider);
}
