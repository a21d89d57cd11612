import stringWidth from 'string-width';
import type { Finding, FindingLevel } from '../../domain/setup/finding.ts';
import { cleanUntrustedText } from '../../domain/untrusted-text.ts';

/** Width of a usual terminal; a longer path or address stays whole. */
const COLUMNS = 80;
const LEVEL_WIDTH = 6;

/** Formats a set-up's findings, one per line with its cure below. `paint` colours the word of a level. */
export function formatFindings(
  findings: readonly Finding[],
  paint: (word: string, level: FindingLevel) => string,
): string {
  const width = Math.max(...findings.map(({ about }) => stringWidth(about))) + 2;
  const indent = LEVEL_WIDTH + width;
  const lines = findings.flatMap(({ level, about, what, cure }) => {
    const texts = [cleanUntrustedText(what), ...(cure === null ? [] : [`→ ${cleanUntrustedText(cure)}`])];
    const [first = '', ...rest] = texts.flatMap((text) => wrap(text, COLUMNS - indent));
    const head = paint(level, level) + ' '.repeat(LEVEL_WIDTH - level.length);
    const name = about + ' '.repeat(width - stringWidth(about));
    return [head + name + first, ...rest.map((line) => ' '.repeat(indent) + line)];
  });
  return [...lines, '', sumUp(findings), ''].join('\n');
}

function sumUp(findings: readonly Finding[]): string {
  const count = (level: FindingLevel): number => findings.filter((one) => one.level === level).length;
  const [fails, warns] = [count('fail'), count('warn')];
  const doubts = warns === 0 ? '' : `${warns} to look at`;
  if (fails === 0) return `Nothing prevents a run${doubts === '' ? '' : `; ${doubts}`}.`;
  return `${fails} to correct before a run${doubts === '' ? '' : `, ${doubts}`}.`;
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && stringWidth(longer) > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}
