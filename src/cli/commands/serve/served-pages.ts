import type { Configuration } from '../../../config/configuration.ts';
import { readProgramVersion } from '../../../config/program-version.ts';
import type { DeskSignIn } from '../../../config/desk/sign-in-configuration.ts';
import type { OpenLedger } from '../../../ledger/engine/open-ledger.ts';
import type { Desk } from '../../../desk/server/create-desk.ts';
import type { DeskOptions } from '../../../desk/server/desk-options.ts';
import type { Heartbeat } from '../../../service/health/heartbeat.ts';
import { startStatusServer, type ListenAddress } from '../../../service/health/status-server.ts';
import type { Host } from '../../host.ts';

/** What `serve` answers at its address. */
export interface ServedPages {
  /** Prints the addresses on stdout and stderr once it serves. */
  tellAddresses(): void;
  close(): Promise<void>;
}

export interface PageOptions {
  readonly ledger: OpenLedger;
  readonly heartbeat: Heartbeat;
  readonly listen: ListenAddress | null;
  /** How people sign in at the desk; null: they don't. */
  readonly signIn: DeskSignIn | null;
  /** Configurations of the served jobs. */
  readonly configurations: readonly Configuration[];
  readonly tell: (sentence: string) => void;
  readonly desk: Pick<DeskOptions, 'configure' | 'figuresOf' | 'asked' | 'reader'>;
}

/** Opens health, metrics and, where a job wants it, the desk, at one address. Rejects where it can't listen there. */
export async function openPages(host: Host, options: PageOptions): Promise<ServedPages> {
  const { ledger, heartbeat, listen, signIn } = options;
  const desk = listen === null ? null : await openDesk(host, options);
  const metrics = async (): Promise<string> => {
    const { collectMetrics } = await import('../../../service/metrics/collect-metrics.ts');
    const registry = await collectMetrics(ledger, { now: host.clock.now(), version: readProgramVersion() });
    return await registry.metrics();
  };
  const health = (): ReturnType<Heartbeat['health']> => heartbeat.health();
  const pages = { health, metrics, others: desk?.listener ?? null };
  const server = listen === null ? null : await startStatusServer(listen, pages);
  return {
    tellAddresses: () => {
      if (desk !== null && server !== null)
        host.stdout.write(
          signIn === null
            ? `desk: open ${server.url}/ in a browser on this computer\n`
            : `desk: open ${signIn.origin}/ in a browser; it answers at ${server.url}\n`,
        );
      const where = server === null ? '' : `; ${server.url}/healthz says whether it does`;
      host.stderr.write(`serving${where}; Ctrl-C or SIGTERM ends it\n`);
    },
    close: async () => {
      await desk?.close();
      await server?.close();
    },
  };
}

/** Creates the desk, which shows the runs of all jobs; null: people may upload for none of them. */
async function openDesk(
  host: Host,
  { ledger, configurations, signIn, tell, desk }: PageOptions,
): Promise<Desk | null> {
  const jobs = configurations.map((job) => ({
    name: job.job,
    provider: job.providerName,
    timeZone: job.timeZone,
    language: job.settings.report.language,
    takesUploads: job.hasDesk,
    reportsDirectory: job.reportsDirectory,
  }));
  if (!jobs.some(({ takesUploads }) => takesUploads)) return null;
  // Loaded only here, because most serving processes have no desk.
  const { createDesk } = await import('../../../desk/server/create-desk.ts');
  return await createDesk({ ...desk, ledger, clock: host.clock, me: host.me, signIn, jobs, tell });
}
