/**
 * mulberry32 (Tommy Ettinger, public domain): small, fast, and the same on every machine. Not for secrets. Each call
 * returns the next number of [0, 1).
 */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * Creates a separate sequence for each name under one seed, so that draws for one name never shift another's: FNV-1a
 * over the name, mixed into the seed by MurmurHash3's finalizer.
 */
export function createNamedRandom(seed: number, name: string): () => number {
  let hash = 0x811c9dc5;
  for (const character of name) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  let mixed = (hash ^ seed) >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return createRandom(mixed ^ (mixed >>> 16));
}
