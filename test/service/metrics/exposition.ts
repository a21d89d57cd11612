/** Series of a text in Prometheus' exposition format, by name and labels as they stand there. */
export function parseExposition(text: string): ReadonlyMap<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const [, series, value] = /^([a-z_]+(?:\{.*\})?) (\S+)$/.exec(line) ?? [];
      if (series === undefined || value === undefined) throw new Error(`not a series: ${line}`);
      return [series, Number(value)] as const;
    }),
  );
}

/** Names of the metrics that a text declares. */
export function declaredNames(text: string): readonly string[] {
  return [...text.matchAll(/^# TYPE (\S+) \S+$/gm)].map(([, name = '']) => name);
}
