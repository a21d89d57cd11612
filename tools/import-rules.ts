import type { IConfiguration, IForbiddenRuleType, IRegularForbiddenRuleType } from 'dependency-cruiser';

/**
 * The folders of `src` in levels, top first. Imports go down only, and folders of the same level do not import each
 * other.
 */
const storeys: readonly (readonly string[])[] = [
  ['cli'],
  ['desk'],
  ['service'],
  ['run'],
  ['dispatch', 'reconcile', 'report'],
  ['intake', 'konaplate', 'ledger'],
  ['config'],
  ['domain'],
];

interface SubRooms {
  /** Name of the rule that keeps their order. */
  readonly rule: string;
  /** Levels, top first. */
  readonly levels: readonly (readonly string[])[];
  /**
   * True where the room's own files are above all its sub-rooms; else they are outside the order, above some and
   * below others.
   */
  readonly isRoomAbove: boolean;
}

const subRooms: Readonly<Record<string, SubRooms>> = {
  dispatch: {
    rule: 'sub-room',
    levels: [['call'], ['gate'], ['guards', 'progress'], ['windows']],
    isRoomAbove: true,
  },
  cli: {
    rule: 'cli-order',
    levels: [['commands'], ['views'], ['session'], ['terminal']],
    // The program is above all of these, the host and the errors are below.
    isRoomAbove: false,
  },
};

/** Packages and built-in modules that only some rooms may import; the names are regular expressions. */
const reserved: readonly { module: string; rooms: readonly string[] }[] = [
  { module: 'undici', rooms: ['konaplate', 'service'] },
  { module: 'pg|pg-copy-streams', rooms: ['ledger', 'intake', 'service'] },
  { module: '@electric-sql/pglite', rooms: ['ledger'] },
  { module: 'csv-parse|iconv-lite|yauzl', rooms: ['intake'] },
  { module: 'csv-stringify', rooms: ['report'] },
  { module: 'p-limit|bottleneck', rooms: ['dispatch'] },
  { module: 'croner', rooms: ['dispatch', 'config'] },
  { module: 'pg-boss', rooms: ['service'] },
  { module: 'jose', rooms: ['konaplate', 'sandbox'] },
  { module: 'yaml', rooms: ['config', 'sandbox'] },
  { module: 'fastify|@fastify/.+|openid-client', rooms: ['desk'] },
  { module: 'yargs', rooms: ['cli'] },
  { module: 'pino', rooms: ['cli'] },
  { module: 'nodemailer', rooms: ['service'] },
  { module: 'prom-client', rooms: ['service'] },
  { module: 'process|console', rooms: ['cli'] },
  { module: 'string-width', rooms: ['cli', 'report'] },
  { module: 'zod', rooms: ['cli', 'service', 'run', 'report', 'ledger', 'config', 'sandbox'] },
];

const rooms = [...storeys.flat(), 'sandbox'];

/** Rules for dependency-cruiser over `src`; a type-only import counts as an import. */
export const importRules: IConfiguration = {
  forbidden: [
    ...storeys.flatMap((_, level) => storeyRules(level)),
    ...Object.entries(subRooms).flatMap(([room, order]) => subRoomRules(room, order)),
    ...sandboxRules(),
    ...reserved.map(reservedRule),
    ...sourceRules(),
  ],
  options: {
    // The only available parser that reads TypeScript: TypeScript 7 has no API yet, and acorn sees nothing.
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};

function storeyRules(level: number): IForbiddenRuleType[] {
  const storey = storeys[level] ?? [];
  const above = storeys.slice(0, level).flat();
  return storey.flatMap((room) => [
    forbid('direction', `${room} imports only rooms below it`, inRooms([room]), { path: inRooms(above) }),
    forbid('siblings', `${room} imports no room of its own storey`, inRooms([room]), {
      path: inRooms(storey.filter((sibling) => sibling !== room)),
    }),
  ]);
}

function subRoomRules(room: string, { rule, levels, isRoomAbove }: SubRooms): IForbiddenRuleType[] {
  const inSubRooms = (names: readonly string[]): string => `^src/${room}/(${names.join('|')})/`;
  const order = levels.flatMap((names, level) =>
    names.flatMap((name) => {
      const above = [...levels.slice(0, level).flat(), ...names].filter((other) => other !== name);
      const path = [
        ...(isRoomAbove ? [`^src/${room}/[^/]+$`] : []),
        ...(above.length === 0 ? [] : [inSubRooms(above)]),
      ];
      const comment = `${room}/${name} imports only sub-rooms below it`;
      return path.length === 0 ? [] : [forbid(rule, comment, inSubRooms([name]), { path })];
    }),
  );
  const others = `^src/${room}/(?!(${levels.flat().join('|')})/)[^/]+/`;
  const known = `sub-rooms of ${room} are ${levels.flat().join(', ')}`;
  return [...order, forbid('known-room', known, others, {})];
}

function sandboxRules(): IForbiddenRuleType[] {
  return [
    forbid('sandbox-imports-no-room', 'it must share no code with what it tests', inRooms(['sandbox']), {
      path: inRooms(storeys.flat()),
    }),
    forbid('sandbox-for-cli-only', 'only cli, and tests, start it', outsideRooms(['cli', 'sandbox']), {
      path: inRooms(['sandbox']),
    }),
  ];
}

function reservedRule({ module, rooms: allowed }: (typeof reserved)[number]): IForbiddenRuleType {
  const path = `(^|^node:|(^|/)node_modules/)(${module})(/|$)`;
  return forbid('reserved', `${module} is for ${allowed.join(', ')}`, outsideRooms(allowed), { path });
}

function sourceRules(): IForbiddenRuleType[] {
  const notShipped = '^(test|tools|samples|jobs|dist)/';
  return [
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    forbid('domain-is-pure', 'it imports no package and no built-in', inRooms(['domain']), {
      pathNot: inRooms(['domain']),
    }),
    forbid('known-room', `rooms are ${rooms.join(', ')}`, outsideRooms(rooms), {}),
    forbid('shipped-only', 'the built program has only src', '^src/', { path: notShipped }),
    forbid('resolvable', 'the import leads nowhere', '^src/', { couldNotResolve: true }),
    forbid('declared', 'an installed copy has only dependencies', '^src/', {
      dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
      dependencyTypesNot: ['type-only', 'npm'],
    }),
  ];
}

function forbid(
  name: string,
  comment: string,
  from: string,
  to: IRegularForbiddenRuleType['to'],
): IForbiddenRuleType {
  return { name, comment, severity: 'error', from: { path: from }, to };
}

/** Returns a pattern for paths in these rooms, or one that no path matches where there are no rooms. */
function inRooms(names: readonly string[]): string {
  return names.length === 0 ? '(?!)' : `^src/(${names.join('|')})/`;
}

function outsideRooms(names: readonly string[]): string {
  return `^src/(?!(${names.join('|')})/)`;
}
