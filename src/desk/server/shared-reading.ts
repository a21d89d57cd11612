import type { Clock } from '../../domain/clock.ts';

/**
 * Reads for all who ask within one interval at once, however many they are: each gets the reading that began last, if
 * that is younger than the interval. A reading that fails is for those who wait for it alone.
 */
export class SharedReading<Value> {
  private readonly clock: Pick<Clock, 'monotonic'>;
  private readonly intervalMs: number;
  private readonly readNow: (key: string) => Promise<Value>;
  private readonly readings = new Map<string, { readonly at: number; readonly value: Promise<Value> }>();

  constructor(clock: Pick<Clock, 'monotonic'>, intervalMs: number, readNow: (key: string) => Promise<Value>) {
    this.clock = clock;
    this.intervalMs = intervalMs;
    this.readNow = readNow;
  }

  async read(key: string): Promise<Value> {
    this.forgetOld();
    const known = this.readings.get(key);
    return await (known?.value ?? this.readAnew(key));
  }

  /** Reads now, and shares that from now on. */
  async readAnew(key: string): Promise<Value> {
    const reading = { at: this.clock.monotonic(), value: this.readNow(key) };
    this.readings.set(key, reading);
    try {
      return await reading.value;
    } catch (error) {
      if (this.readings.get(key) === reading) this.readings.delete(key);
      throw error;
    }
  }

  private forgetOld(): void {
    const oldest = this.clock.monotonic() - this.intervalMs;
    for (const [key, { at }] of this.readings) if (at <= oldest) this.readings.delete(key);
  }
}
