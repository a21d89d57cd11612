import { styleText } from 'node:util';
import type { VerdictTone } from '../../report/verdict.ts';
import type { Host, Output } from '../host.ts';
import type { LineStyle } from './progress-line.ts';

/** Columns left free: some terminals break a line in its last column, and a Ctrl-C shows two more characters. */
const LEFT_FREE = 3;
const NARROWEST = 20;
/** Width of a terminal that does not tell it. */
const USUAL = 80;

/** Returns whether lines may be overwritten: at a terminal, but not in the log of a build server. */
export function isMovable(output: Output, env: Host['env']): boolean {
  return output.isTerminal && env['CI'] === undefined;
}

/** Read for each line, because a person may change the window's width meanwhile. */
export function styleOf(output: Output, env: Host['env']): LineStyle {
  if (!isMovable(output, env)) return { columns: Infinity, stress: (text) => text };
  const columns = Math.max(NARROWEST, (output.columns > 0 ? output.columns : USUAL) - LEFT_FREE);
  return {
    columns,
    stress: (text) => (isColored(output, env) ? colored('yellow', text) : text),
  };
}

/** Returns a verdict in its colour; null tone, no terminal, a build server or NO_COLOR: without colour. */
export function toneText(text: string, tone: VerdictTone, output: Output, env: Host['env']): string | null {
  return isColored(output, env) ? colored(toneColors[tone], text) : null;
}

const toneColors = { good: 'green', warn: 'yellow', bad: 'red' } as const satisfies Record<
  VerdictTone,
  string
>;

function isColored(output: Output, env: Host['env']): boolean {
  const noColor = env['NO_COLOR'];
  return isMovable(output, env) && (noColor === undefined || noColor === '');
}

function colored(color: 'green' | 'yellow' | 'red', text: string): string {
  return styleText(color, text, { validateStream: false });
}
