import { randomInt } from 'node:crypto';
import type { SetUp } from '../../config/setup/inspect-set-up.ts';
import type { Clock } from '../../domain/clock.ts';
import { doubt, fault, fine, type Finding } from '../../domain/setup/finding.ts';
import { maskId } from '../../domain/identity/masking.ts';
import type { UserId } from '../../domain/identity/user-id.ts';
import type { Reply } from '../../domain/outcome.ts';
import { INVALID_INPUT_CODE } from '../../domain/provider-code.ts';
import { openList } from '../../intake/open-list.ts';
import { createOutcomeRules } from '../../konaplate/outcome-rules.ts';
import { readPlans } from '../../konaplate/plans-inquiry.ts';
import { createProviderClient } from '../../konaplate/provider-client.ts';
import { locationOf } from '../../run/start/list-location.ts';
import { revealTransport, readKeys } from './provider-access.ts';

const ABOUT = 'call';
const CORRELATION_NUMBERS = 2 ** 28;

/**
 * Asks for the plans of the list's first member: one signed call that registers nobody. It takes no permit and no
 * number from the ledger, because nothing may be written: its number is random, and it comes on top of the calls that
 * runs may make. It is never made where a setting is wrong, because it could only fail.
 */
export async function inspectInquiry(setUp: SetUp, clock: Clock): Promise<readonly Finding[]> {
  const { provider, settings } = setUp;
  if (provider?.kind === 'sandbox') return [fine(ABOUT, 'none made: the simulator runs inside the program')];
  if (provider === null || settings === null) {
    return [fault(ABOUT, 'none made: first correct what the lines above say about job file and keys')];
  }
  const member = await findFirstMember(setUp);
  if (member === null) return [doubt(ABOUT, 'none made: no list of this job has a member to ask for')];
  const client = createProviderClient({
    baseUrl: provider.baseUrl,
    aspId: provider.credentials.aspId,
    accessKey: provider.credentials.accessKey.reveal(),
    secretKey: provider.credentials.secretKey.reveal(),
    timeZone: provider.timeZone,
    ...readKeys({ provider }, clock.now()),
    correlationEcho: provider.correlationEcho,
    timeoutMs: settings.limits.timeoutMs,
    connections: 1,
    transport: revealTransport(provider.transport),
    now: () => clock.now(),
  });
  try {
    const call = await client.prepareInquiry(member, randomInt(CORRELATION_NUMBERS));
    const { reply, pars } = await client.send(call);
    const answer = readPlans(reply, pars, createOutcomeRules(settings.outcomes));
    return [judge(reply, answer, `plans of ${maskId(member)}, correlation id ${call.correlationId}`)];
  } finally {
    await client.close();
  }
}

function judge(reply: Reply, answer: ReturnType<typeof readPlans>, asked: string): Finding {
  const code = reply.kind === 'answered' ? reply.code : null;
  const said =
    reply.kind === 'answered' ? `HTTP ${reply.httpStatus} ${code ?? 'without a code'}` : reply.error;
  switch (answer.kind) {
    case 'plans':
      return fine(ABOUT, `${asked}: ${said}; address, keys and clock are right`);
    case 'refused':
      return code === INVALID_INPUT_CODE
        ? fault(ABOUT, `${asked}: ${said}`, 'the provider also answers this to a wrong key id, key or header')
        : doubt(ABOUT, `${asked}: ${said}`, 'the provider read the call; ask it what the code means here');
    case 'stop_run':
      return fault(ABOUT, `${asked}: ${answer.sentence}`);
    case 'throttled':
      return doubt(ABOUT, `${asked}: ${said}`, 'too many calls just now: ask again later');
    case 'unclear':
      return fault(
        ABOUT,
        `${asked}: ${said}`,
        'ask again; if it stays like this, ask the provider and give this correlation id',
      );
  }
}

/** Returns null where there is no list, none that can be read without a person, or none with a member. */
async function findFirstMember({ lists, listOptions }: SetUp): Promise<UserId | null> {
  const list = lists?.lists.find(({ kind }) => kind !== 'standard_input');
  if (list === undefined || listOptions === null) return null;
  const opened = await openList(locationOf(list), listOptions);
  for await (const rows of opened.rows()) {
    for (const { content } of rows) if (content.kind === 'record') return content.userId;
  }
  return null;
}
