/** The result of checking something a person wrote: the checked value, or every problem found, one sentence each. */
export type Checked<T> =
  | { readonly kind: 'valid'; readonly value: T }
  | { readonly kind: 'refused'; readonly problems: readonly string[] };

export function valid<T>(value: T): Checked<T> {
  return { kind: 'valid', value };
}

export function refused(...problems: readonly string[]): Checked<never> {
  return { kind: 'refused', problems };
}

export function problemsOf(...results: readonly Checked<unknown>[]): readonly string[] {
  return results.flatMap((result) => (result.kind === 'refused' ? result.problems : []));
}
