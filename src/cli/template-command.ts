import path from 'node:path';
import { exitCodes, type ExitCode } from '../domain/exit-code.ts';
import { writeListTemplate } from '../intake/list-template.ts';
import type { Host } from './host.ts';
import { programName } from './program-name.ts';
import { UsageError } from './usage-error.ts';

/** Writes an empty list to fill in; never over a file that is there. */
export async function templateCommand(
  argv: { readonly file: string; readonly lang?: string | undefined; readonly json?: boolean | undefined },
  host: Host,
): Promise<ExitCode> {
  const language = argv.lang ?? 'ko';
  if (language !== 'ko' && language !== 'en') throw new UsageError('--lang: expected ko or en');
  await writeListTemplate(path.resolve(host.cwd, argv.file), language);
  host.stdout.write(
    `${argv.file} is ready to be filled in, then: ${programName(host.env)} plan ${argv.file}\n`,
  );
  return exitCodes.done;
}
