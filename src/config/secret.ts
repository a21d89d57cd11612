import { inspect } from 'node:util';

/** Printed in place of a secret. */
export const SECRET_SHOWN_AS = '[secret]';

/**
 * A value that can't be printed by accident: string conversion, JSON and inspection all show `[secret]`. Only
 * `reveal()` returns it, so a search for that word finds every use.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return SECRET_SHOWN_AS;
  }

  toJSON(): string {
    return SECRET_SHOWN_AS;
  }

  [inspect.custom](): string {
    return SECRET_SHOWN_AS;
  }
}
