import { z } from 'zod';

/** A deeply immutable value. */
export type DeepReadonly<T> = T extends string | number | boolean | null | undefined
  ? T
  : T extends readonly (infer Entry)[]
    ? readonly DeepReadonly<Entry>[]
    : { readonly [Key in keyof T]: DeepReadonly<T[Key]> };

/** One key of the job file: how a person writes it, what it does, and what of it is kept with a run. */
export interface Setting<
  Written extends z.ZodType = z.ZodType,
  Kept extends Readonly<Record<string, z.ZodType>> = Readonly<Record<string, z.ZodType>>,
> {
  /** One sentence, for docs/job-file.md and for editors. */
  readonly help: string;
  /** The variable that is read where the key is left out. */
  readonly environment?: string;
  /** An example for a key without a default, as `init` shows it. */
  readonly example?: unknown;
  /** Schema of the written value, with its default or optional. */
  readonly written: Written;
  /** Schemas of what the ledger keeps, by name. A default here is the behaviour of versions without this setting. */
  readonly kept: Kept;
  keep(written: z.output<Written>): { readonly [Name in keyof Kept]: DeepReadonly<z.output<Kept[Name]>> };
}

export function setting<Written extends z.ZodType, Kept extends Readonly<Record<string, z.ZodType>>>(
  definition: Setting<Written, Kept>,
): Setting<Written, Kept> {
  return definition;
}

/** The keys below one key of the job file, in the order of the docs. */
export type Section = Readonly<Record<string, Setting>>;

type WrittenShape<S extends Section> = { -readonly [Name in keyof S]: S[Name]['written'] };

/** Names of everything a section keeps. */
type KeptName<S extends Section> = { [Name in keyof S]: keyof S[Name]['kept'] }[keyof S];
type KeptShape<S extends Section> = {
  -readonly [Name in KeptName<S>]: KeptSchema<S[keyof S]['kept'], Name>;
};
type KeptSchema<Kept, Name> = Kept extends unknown
  ? Name extends keyof Kept
    ? Extract<Kept[Name], z.ZodType>
    : never
  : never;
export type KeptOf<S extends Section> = {
  readonly [Name in KeptName<S>]: DeepReadonly<z.output<KeptShape<S>[Name]>>;
};
type WrittenOf<S extends Section> = z.output<z.ZodObject<WrittenShape<S>>>;

/** Returns the schemas of a section's keys as a person writes them, each with its help. */
export function writtenShape<S extends Section>(section: S): WrittenShape<S> {
  const described = Object.entries(section).map(([name, { written, help }]) => [
    name,
    written.describe(help),
  ]);
  return Object.fromEntries(described) as WrittenShape<S>;
}

/** Returns the schemas of what a section keeps, for reading it back from the ledger. */
export function keptShape<S extends Section>(section: S): KeptShape<S> {
  return Object.assign({}, ...Object.values(section).map(({ kept }) => kept)) as KeptShape<S>;
}

/** Returns what is kept of a section that was read with its defaults. */
export function keepSection<S extends Section>(section: S, written: WrittenOf<S>): KeptOf<S> {
  const kept = Object.entries(section).map(([name, one]) =>
    one.keep((written as Record<string, unknown>)[name]),
  );
  return Object.assign({}, ...kept) as KeptOf<S>;
}

/** Returns a setting's default as a person would write it; undefined where it has none. */
export function defaultOf({ written }: Setting): unknown {
  return written instanceof z.ZodPrefault ? written._zod.def.defaultValue : undefined;
}

/** Returns what holds where no flag is given, for messages: `limits.rate, else 20/s`. */
export function elseOf(path: string, one: Setting): string {
  return `${path}, else ${String(defaultOf(one))}`;
}
