import type { Queryable } from './ledger-port.ts';

/** A file of an inbox as a run took it. */
export interface TakenFile {
  readonly folder: string;
  readonly name: string;
  /** Identifies the file: another file with the same name has another identity. */
  readonly identity: string;
}

/** A file whose run is complete but which is still in the inbox. */
export interface UnmovedFile extends TakenFile {
  readonly run_no: number;
  readonly run_id: string;
}

export async function noteInbox(on: Queryable, folder: string, at: Date): Promise<void> {
  await on.query(
    'insert into inbox (folder, noted_at) values ($1, $2::timestamptz) on conflict (folder) do nothing',
    [folder, at.toISOString()],
  );
}

/** Notes the file before the run's first call. A run that is continued may find its file put there again. */
export async function noteTakenFile(on: Queryable, runNo: number, file: TakenFile): Promise<void> {
  await on.query(
    `insert into inbox_file (run_no, folder, name, identity) values ($1, $2, $3, $4)
     on conflict (run_no) do update set folder = excluded.folder, name = excluded.name, identity = excluded.identity,
                                        moved_at = null`,
    [runNo, file.folder, file.name, file.identity],
  );
}

/**
 * Finds such files of all jobs that read this folder, because the next process to start finishes what a dead one
 * left.
 */
export async function findUnmovedFiles(on: Queryable, folder: string): Promise<UnmovedFile[]> {
  return await on.query<UnmovedFile>(
    `select f.run_no, r.id as run_id, f.folder, f.name, f.identity from inbox_file f join run r using (run_no)
     where f.folder = $1 and f.moved_at is null and r.state = 'complete' order by f.run_no`,
    [folder],
  );
}

export async function noteMoved(on: Queryable, runNo: number, at: Date): Promise<void> {
  await on.query('update inbox_file set moved_at = $2::timestamptz where run_no = $1', [
    runNo,
    at.toISOString(),
  ]);
}

export async function findInboxes(on: Queryable): Promise<string[]> {
  const rows = await on.query<{ folder: string }>('select folder from inbox order by folder');
  return rows.map(({ folder }) => folder);
}
