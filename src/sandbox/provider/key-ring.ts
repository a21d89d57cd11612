import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import {
  clientSideOf,
  createSandboxKeyPairs,
  type SandboxEncryptionKeys,
  type SandboxKeyPairs,
} from './key-pairs.ts';
import type { StateFile } from '../state-file.ts';

/** The keys as the simulator itself uses them. */
export interface ServerKeys {
  readonly cryptoKeyId: string;
  /** Decrypts what a client sends. */
  readonly privateKey: KeyObject;
  /** Encrypts what a client is answered. */
  readonly clientPublicKey: KeyObject;
}

export interface KeyRing {
  /** Makes the keys when they are first needed. Two calls at the same time get the same keys. */
  clientSide(): Promise<SandboxEncryptionKeys>;
  /** Null where there are none yet, so that no client can know any: a call that guesses does not make them. */
  serverSide(): Promise<ServerKeys | null>;
  /** A public key whose private key nobody has. */
  strangersKey(): Promise<KeyObject>;
}

/**
 * Creates the keys from those given, else from the state file, else anew; new ones are kept in the state file. Given
 * keys are kept by their giver.
 */
export function createKeyRing(given: SandboxKeyPairs | undefined, state: StateFile): KeyRing {
  const known = given ?? findKept(state);
  let pairs: Promise<SandboxKeyPairs> | null = known === undefined ? null : Promise.resolve(known);
  let server: Promise<ServerKeys> | null = null;
  let stranger: Promise<KeyObject> | null = null;

  async function makeAndKeep(): Promise<SandboxKeyPairs> {
    const made = await createSandboxKeyPairs();
    state.append({ kind: 'encryption_keys', keys: made });
    return made;
  }

  return {
    clientSide: async () => {
      pairs ??= makeAndKeep();
      return clientSideOf(await pairs);
    },
    serverSide: async () => {
      if (pairs === null) return null;
      server ??= pairs.then(serverSideOf);
      return await server;
    },
    strangersKey: async () => {
      stranger ??= createSandboxKeyPairs().then((strangers) => serverSideOf(strangers).clientPublicKey);
      return await stranger;
    },
  };
}

function findKept(state: StateFile): SandboxKeyPairs | undefined {
  return state.changes.flatMap((change) => (change.kind === 'encryption_keys' ? [change.keys] : [])).at(-1);
}

function serverSideOf(pairs: SandboxKeyPairs): ServerKeys {
  const readKey = (jwk: string) => ({ key: JSON.parse(jwk) as JsonWebKey, format: 'jwk' }) as const;
  return {
    cryptoKeyId: pairs.cryptoKeyId,
    privateKey: createPrivateKey(readKey(pairs.serverPrivateKey)),
    clientPublicKey: createPublicKey(readKey(pairs.clientPrivateKey)),
  };
}
