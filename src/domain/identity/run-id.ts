/** `<UTC yyyyMMddTHHmmssZ>-<job>-<4 hex>`; sorts by time. */
export function formatRunId(startedAt: Date, job: string, suffix: number): string {
  return `${formatStamp(startedAt)}-${job}-${(suffix & 0xffff).toString(16).padStart(4, '0')}`;
}

/** Matches what `formatRunId` returns. */
export const RUN_ID = /^\d{8}T\d{6}Z-[a-z0-9-]{1,64}-[0-9a-f]{4}$/;

/** Returns `<UTC yyyyMMddTHHmmssZ>`, for names that sort by time. */
export function formatStamp(at: Date): string {
  return at
    .toISOString()
    .replace(/[-:]/g, '')
    .replace(/\.\d+Z$/, 'Z');
}

export const JOB_NAME = /^[a-z0-9-]{1,64}$/;

/**
 * Returns the name of the job that a bare list file runs as: `upload-` and the file's name in the alphabet of job
 * names. A name that this alphabet can't hold, such as a Korean one, also gets a fingerprint, so that two such lists
 * are two jobs.
 */
export function jobNameOfListFile(fileName: string): string {
  const stem = fileName
    .replace(/\.[^.]*$/, '')
    .normalize('NFC')
    .toLowerCase();
  const name = stem.replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '');
  const isWhole = /^[a-z0-9 ._-]+$/.test(stem) && name.length <= 57;
  const mark = isWhole ? '' : fingerprint(stem);
  return ['upload', (isWhole ? name : name.slice(0, 48)).replace(/-+$/, ''), mark]
    .filter((part) => part !== '')
    .join('-');
}

/** FNV-1a, 32 bits: short, stable, and not a secret. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, '0');
}
