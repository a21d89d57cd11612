import { randomBytes } from 'node:crypto';
import { cpSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLedger, type LedgerAddress, type OpenLedger } from '../../src/ledger/engine/open-ledger.ts';
import { ledgerTemplate } from './ledger-template.ts';
import { runSql } from './run-sql.ts';

/** A ledger of a test's own: an address nobody else has, and the way to make it disappear. */
export interface LedgerWorld {
  readonly address: LedgerAddress;
  /** As DATABASE_URL says it. */
  readonly databaseUrl: string;
  readonly folder: string;
  remove(): Promise<void>;
}

export interface LedgerEngine {
  readonly name: string;
  /** Set when this machine was not given a server: the suite shows it as skipped. */
  readonly missing: boolean;
  create(): Promise<LedgerWorld>;
}

const serverUrl = process.env['KONA_TEST_DATABASE_URL'];

export const embeddedEngine: LedgerEngine = {
  name: 'embedded',
  missing: false,
  create: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kona-ledger-'));
    const ledgerFolder = join(folder, 'ledger');
    // A thousand files: the asynchronous copy takes seven times the CPU, one errand of a thread for each step of each file.
    cpSync(await ledgerTemplate(), ledgerFolder, { recursive: true });
    return {
      address: { kind: 'embedded', folder: ledgerFolder },
      databaseUrl: `embedded:${ledgerFolder}`,
      folder,
      remove: () => {
        rmSync(folder, { recursive: true, force: true });
        return Promise.resolve();
      },
    };
  },
};

export const serverEngine: LedgerEngine = {
  name: 'server Postgres',
  missing: serverUrl === undefined,
  create: async () => {
    if (serverUrl === undefined) throw new Error('KONA_TEST_DATABASE_URL is not set');
    const schema = `t_${randomBytes(6).toString('hex')}`;
    await runSql(serverUrl, `create schema ${schema}`);
    const url = new URL(serverUrl);
    url.searchParams.set('options', `-c search_path=${schema}`);
    const folder = await mkdtemp(join(tmpdir(), 'kona-ledger-'));
    return {
      address: { kind: 'server', url: url.href },
      databaseUrl: url.href,
      folder,
      remove: async () => {
        await runSql(serverUrl, `drop schema ${schema} cascade`);
        await runSql(serverUrl, `drop schema if exists ${schema}_queue cascade`);
        rmSync(folder, { recursive: true, force: true });
      },
    };
  },
};

export const ledgerEngines = [embeddedEngine, serverEngine];

/** An open ledger on the engine, closed and removed at the end of the scope. */
export async function openTestLedger(
  engine: LedgerEngine,
): Promise<{ ledger: OpenLedger; world: LedgerWorld } & AsyncDisposable> {
  const world = await engine.create();
  const ledger = await openLedger(world.address);
  return {
    ledger,
    world,
    [Symbol.asyncDispose]: async () => {
      await ledger.close();
      await world.remove();
    },
  };
}
