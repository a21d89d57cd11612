import path from 'node:path';
import { exitCodes, type ExitCode } from '../../domain/exit-code.ts';
import { cleanUntrustedText } from '../../domain/untrusted-text.ts';
import { writeListTemplate } from '../../report/template/list-template.ts';
import type { Host } from '../host.ts';
import { programName } from '../session/program-name.ts';
import { UsageError } from '../usage-error.ts';

/** Writes an empty list to fill in; never overwrites a file. */
export async function templateCommand(
  argv: { readonly file: string; readonly lang?: string | undefined; readonly json?: boolean | undefined },
  host: Host,
): Promise<ExitCode> {
  const language = argv.lang ?? 'ko';
  if (language !== 'ko' && language !== 'en') throw new UsageError('--lang: expected ko or en');
  const file = path.resolve(host.cwd, argv.file);
  try {
    await writeListTemplate(file, { language, at: host.clock.now() });
  } catch (error) {
    throw asUsageError(error, file);
  }
  const shown = cleanUntrustedText(argv.file);
  host.stdout.write(
    argv.json === true
      ? `${JSON.stringify({ file, language }, null, 2)}\n`
      : `${shown} is ready to be filled in, then: ${programName(host.env)} plan ${shown}\n`,
  );
  return exitCodes.done;
}

/** Explains a system error about the named place: a missing folder, no right to write there, no space. */
function asUsageError(error: unknown, file: string): unknown {
  if (!(error instanceof Error && 'syscall' in error && 'code' in error)) return error;
  const where = 'name a file in an existing folder that you may write to';
  return new UsageError(`${file} can't be written (${String(error.code)}); ${where}.`);
}
