import { expect, test } from 'vitest';
import { formatProviderTimes } from '../../src/konaplate/provider-clock.ts';

// Only a process has a zone, a thread has not: TZ changed in one is not seen.
test.each(['America/St_Johns', 'Pacific/Kiritimati'])("the machine's zone %s does not matter", (zone) => {
  const before = process.env['TZ'];
  process.env['TZ'] = zone;
  try {
    const instant = new Date('2028-02-29T14:59:59.999Z');
    expect(instant.getHours()).not.toBe(14);
    expect(formatProviderTimes(instant, 'KST').tokenTime).toBe('20280229235959999');
    expect(formatProviderTimes(instant, 'UTC').tokenTime).toBe('20280229145959999');
  } finally {
    if (before === undefined) delete process.env['TZ'];
    else process.env['TZ'] = before;
  }
});
