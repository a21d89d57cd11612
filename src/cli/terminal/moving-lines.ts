import type { Output } from '../host.ts';

/** Lines on a terminal that are overwritten repeatedly; the cursor stands at the end of the last. */
export interface MovingLines {
  readonly show: (lines: readonly string[]) => void;
  /** Writes a text in their place; the lines are shown again below it. */
  readonly say: (text: string) => void;
  /** Leaves the lines as they are; later output begins on a new line. */
  readonly close: () => void;
}

const CLEAR_REST_OF_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';

export function createMovingLines(output: Output): MovingLines {
  let open = 0;
  const toFirst = (): string => (open > 1 ? `\r\u001b[${open - 1}A` : '\r');
  return {
    show: (lines) => {
      if (lines.length === 0) return;
      const rest = lines.length < open ? CLEAR_BELOW : '';
      const text = lines.map((line) => line + CLEAR_REST_OF_LINE).join('\n');
      output.draw(toFirst() + text + rest);
      open = lines.length;
    },
    say: (text) => {
      output.draw(open > 0 ? `${toFirst()}${CLEAR_BELOW}${text}\n` : `${text}\n`);
      open = 0;
    },
    close: () => {
      if (open > 0) output.write('\n');
      open = 0;
    },
  };
}
