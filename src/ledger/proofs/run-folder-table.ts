import { z } from 'zod';
import { languages, type Language } from '../../domain/language.ts';
import type { Queryable } from '../ledger-port.ts';

/** A run folder as the program wrote it. */
export interface KeptFolder {
  readonly writtenAt: Date;
  /** The machine that has it. */
  readonly host: string;
  /** Absolute path of the folder on that machine. */
  readonly place: string;
  readonly language: Language;
  readonly manifestSha256: string;
  /** SHA-256 by name of every file but the manifest. */
  readonly files: Readonly<Record<string, string>>;
}

/** Keeps the hashes of a folder before the first of its files takes its name. Keeping them twice changes nothing. */
export async function keepRunFolder(on: Queryable, runNo: number, folder: KeptFolder): Promise<void> {
  await on.query(
    `insert into run_folder (run_no, written_at, host, place, language, manifest_sha256, files)
     values ($1, $2::timestamptz, $3, $4, $5, $6, $7::jsonb) on conflict (run_no, manifest_sha256) do nothing`,
    [
      runNo,
      folder.writtenAt.toISOString(),
      folder.host,
      folder.place,
      folder.language,
      folder.manifestSha256,
      JSON.stringify(folder.files),
    ],
  );
}

/**
 * Keeps the new hash that a purge gives a folder's manifest, but only where the hash before it was kept. So a folder
 * that is not ours does not become ours by a purge.
 */
export async function keepPurgedFolder(
  on: Queryable,
  runNo: number,
  { before, after, at }: { readonly before: string; readonly after: string; readonly at: Date },
): Promise<void> {
  await on.query(
    `insert into run_folder (run_no, written_at, host, place, language, manifest_sha256, files)
     select run_no, $4::timestamptz, host, place, language, $3, files from run_folder
     where run_no = $1 and manifest_sha256 = $2 on conflict (run_no, manifest_sha256) do nothing`,
    [runNo, before, after, at.toISOString()],
  );
}

const keptRows = z.array(
  z.object({
    writtenAt: z.date(),
    host: z.string(),
    place: z.string(),
    language: z.enum(languages),
    manifestSha256: z.string(),
    files: z.record(z.string(), z.string()),
  }),
);

/**
 * Reads the kept hashes of a run's folders, oldest first, as far as they decide what `place` may hold. It returns none
 * where only a version that kept no hash can have written the folder there.
 */
export async function readKeptFolders(
  on: Queryable,
  runNo: number,
  place: string,
): Promise<readonly KeptFolder[]> {
  return keptRows.parse(
    await on.query(
      `select written_at as "writtenAt", host, place, language, manifest_sha256 as "manifestSha256", files
       from run_folder where run_no = $1
         and ((select folders_kept from run where run_no = $1)
              or exists (select 1 from run_folder h where h.run_no = $1 and h.place = $2))
       order by folder_no`,
      [runNo, place],
    ),
  );
}

/** Returns where this machine wrote the last folder of a run; null where no such folder is known. */
export async function findKeptPlace(on: Queryable, runNo: number, host: string): Promise<string | null> {
  const rows = await on.query<{ place: string }>(
    'select place from run_folder where run_no = $1 and host = $2 order by folder_no desc limit 1',
    [runNo, host],
  );
  return rows[0]?.place ?? null;
}
