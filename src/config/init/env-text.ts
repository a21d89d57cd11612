import { environmentTable, type EnvironmentVariable } from '../environment-table.ts';
import { commentLines } from './comment-lines.ts';
import { isOfPostgres, SOURCE_URL_VARIABLE, type FirstJob } from './first-job.ts';

/** The variables that the real provider needs; the others are commented out. */
const ofProvider: ReadonlySet<string> = new Set([
  'KONA_ASP_ID',
  'KONA_ACCESS_KEY',
  'KONA_SECRET_KEY',
  'KONA_CRYPTO_KEY_ID',
  'KONA_SERVER_PUBLIC_KEY',
  'KONA_CLIENT_PRIVATE_KEY',
]);

/** Returns a `.env` with a line for each of our variables. Those that the job needs are ready for their value. */
export function writeEnvText({ provider, source }: FirstJob): string {
  const table = Object.entries<EnvironmentVariable>(environmentTable);
  const ours = table.filter(([name]) => /^(?:DATABASE_URL$|KONA_)/.test(name));
  const blocks = [
    commentLines(
      'Keys and addresses of kona-enroll in this folder. Only this account may read this file (chmod 600); do not put it into version control. A variable of the environment overrides its line here. Where "file" stands, NAME_FILE=PATH may name a file with the value instead.',
    ),
    ...(isOfPostgres(source.kind) ? [sourceLines()] : []),
    ...ours.map(([name, variable]) => {
      const isNeeded = provider !== 'sandbox' && ofProvider.has(name);
      return variableLines(isNeeded ? `${name}=` : `#${name}=`, variable);
    }),
  ];
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function variableLines(line: string, { help, file }: EnvironmentVariable): readonly string[] {
  return [...commentLines(`${help.replaceAll('`', '')}${file === true ? ' (file)' : ''}`), line];
}

function sourceLines(): readonly string[] {
  return [
    ...commentLines(
      'the source database, which the job file names: postgres://user:password@host/database, of an account that may only select (file)',
    ),
    `${SOURCE_URL_VARIABLE}=`,
  ];
}
