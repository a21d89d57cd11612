import { parseChanceFault, type Fault, type FaultMoment } from './fault.ts';
import type { FaultPlan, FaultWhen } from './fault-plan.ts';
import { createNamedRandom } from './random.ts';
import { createSandboxError } from '../sandbox-error.ts';

export interface PlannedCall {
  readonly fault: Fault | null;
  readonly delayMs: number;
}

/** A fault with the probability that a call meets it. */
interface Chance {
  readonly probability: number;
  readonly random: () => number;
  readonly fault: (drawn: FaultMoment) => Fault;
}

/** The value of the standard normal distribution above which 1 % lies. */
const Z_99 = 2.3263;
/** The longest delay that a fault plan may ask for in any other way. */
const LONGEST_DELAY_MS = 600_000;

/**
 * Decides about faults call by call. Each fault draws from its own sequence at every call, so that changing or adding
 * one fault does not shift the others. Where several come at once, the first in the plan's order is taken. `stream`
 * separates the kinds of calls from each other.
 */
export function createFaultDice(plan: FaultPlan | undefined, stream = ''): () => PlannedCall {
  if (plan === undefined) return () => ({ fault: null, delayMs: 0 });
  const randomOf = (name: string): (() => number) => createNamedRandom(plan.seed, `${stream}${name}`);
  const chances = listChances(plan, randomOf);
  const randomMoment = randomOf('moment');
  const drawDelay = createDelays(plan, randomOf);
  return () => {
    const drawn: FaultMoment = randomMoment() < 0.5 ? 'before' : 'after';
    // All of them draw, even after one has hit.
    const hits = chances.map((chance) => chance.random() < chance.probability);
    return { fault: chances[hits.indexOf(true)]?.fault(drawn) ?? null, delayMs: drawDelay() };
  };
}

function listChances(plan: FaultPlan, randomOf: (name: string) => () => number): Chance[] {
  const momentOf = (when: FaultWhen, drawn: FaultMoment): FaultMoment => (when === 'either' ? drawn : when);
  const chances: Chance[] = [];
  const add = (name: string, probability: number | undefined, fault: Chance['fault']): void => {
    if (probability !== undefined) chances.push({ probability, random: randomOf(name), fault });
  };
  add('tooMany', plan.tooMany?.probability, () => ({
    kind: 'too_many',
    retryAfterSeconds: plan.tooMany?.retryAfterSeconds ?? null,
    asDate: false,
  }));
  add('serverError', plan.serverError?.probability, (drawn) => ({
    kind: 'page',
    status: 500,
    when: momentOf(plan.serverError?.when ?? 'either', drawn),
  }));
  for (const [how, otherwise] of [
    ['reset', 'either'],
    ['truncated', 'after'],
    ['hang', 'either'],
  ] as const) {
    const chance = plan[how];
    add(how, chance?.probability, (drawn) => ({
      kind: 'connection',
      how,
      when: momentOf(chance?.when ?? otherwise, drawn),
    }));
  }
  for (const [spelling, probability] of Object.entries(plan.odds ?? {})) {
    const fault = parseChanceFault(spelling);
    if (fault === null) throw createSandboxError('SANDBOX_FAULTS_INVALID', `no such fault: ${spelling}`);
    add(`odds ${spelling}`, probability, () => fault);
  }
  return chances;
}

function createDelays(plan: FaultPlan, randomOf: (name: string) => () => number): () => number {
  const { latency, slow, latencyMs = 0 } = plan;
  const randomSlow = randomOf('slow');
  const randomRadius = randomOf('latency radius');
  const randomAngle = randomOf('latency angle');
  const drawTail = (): number => {
    // Box-Muller: two uniform draws make one of the standard normal distribution. 1 - [0, 1) is never 0.
    const normal = Math.sqrt(-2 * Math.log(1 - randomRadius())) * Math.cos(2 * Math.PI * randomAngle());
    if (latency === undefined) return 0;
    const spread = Math.log(latency.p99Ms / latency.p50Ms) / Z_99;
    return Math.min(latency.p50Ms * Math.exp(spread * normal), LONGEST_DELAY_MS);
  };
  return () => {
    const isSlow = randomSlow() < (slow?.probability ?? 0);
    return latencyMs + (isSlow ? (slow?.ms ?? 0) : 0) + Math.round(drawTail());
  };
}
