import type { IConfiguration, IForbiddenRuleType, IRegularForbiddenRuleType } from 'dependency-cruiser';

/** The house of rooms, top first: imports go down only, and rooms of one storey never see each other. */
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

/** Sub-rooms in their stated order, top first. Files of the room itself are above all of them. */
const subRooms: Readonly<Record<string, readonly (readonly string[])[]>> = {
  dispatch: [['call'], ['gate'], ['guards', 'progress'], ['windows']],
};

/** Packages and built-ins that only some rooms may import; the names are regular expressions. */
const reserved: readonly { module: string; rooms: readonly string[] }[] = [
  { module: 'undici', rooms: ['konaplate', 'service'] },
  { module: 'pg|pg-copy-streams', rooms: ['ledger', 'intake', 'service'] },
  { module: '@electric-sql/pglite', rooms: ['ledger'] },
  { module: 'csv-parse|iconv-lite|saxes|yauzl', rooms: ['intake'] },
  { module: 'csv-stringify', rooms: ['report'] },
  { module: 'p-limit|bottleneck|croner', rooms: ['dispatch'] },
  { module: 'jose', rooms: ['konaplate', 'sandbox'] },
  { module: 'yaml', rooms: ['config', 'sandbox'] },
  { module: 'yargs', rooms: ['cli'] },
  { module: 'pino', rooms: ['cli'] },
  { module: 'process|console', rooms: ['cli'] },
  { module: 'string-width', rooms: ['cli', 'report'] },
  { module: 'zod', rooms: ['cli', 'service', 'run', 'report', 'ledger', 'config', 'sandbox'] },
];

/** Top first. Files of cli itself stand outside: the program above all of it, and the host and the errors below. */
const cliOrder = ['commands', 'views', 'session', 'terminal'] as const;

const rooms = [...storeys.flat(), 'sandbox'];

/** Rules for dependency-cruiser over `src`; a type-only import is an import. */
export const importRules: IConfiguration = {
  forbidden: [
    ...storeys.flatMap((_, level) => storeyRules(level)),
    ...Object.entries(subRooms).flatMap(([room, levels]) => subRoomRules(room, levels)),
    ...sandboxRules(),
    ...reserved.map(reservedRule),
    ...sourceRules(),
    ...cliRules(),
  ],
  options: {
    // The only parser here that reads TypeScript: TypeScript 7 has no API yet, and acorn sees nothing.
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

function subRoomRules(room: string, levels: readonly (readonly string[])[]): IForbiddenRuleType[] {
  const inSubRooms = (names: readonly string[]): string => `^src/${room}/(${names.join('|')})/`;
  const order = levels.flatMap((names, level) =>
    names.map((name) => {
      const above = [...levels.slice(0, level).flat(), ...names].filter((other) => other !== name);
      const path = [`^src/${room}/[^/]+$`, ...(above.length === 0 ? [] : [inSubRooms(above)])];
      return forbid('sub-room', `${room}/${name} imports only sub-rooms below it`, inSubRooms([name]), {
        path,
      });
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

function cliRules(): IForbiddenRuleType[] {
  const inCli = (names: readonly string[]): string => `^src/cli/(${names.join('|')})/`;
  const order = cliOrder.slice(1).map((name, level) =>
    forbid('cli-order', `cli/${name} imports only what is below it`, inCli([name]), {
      path: inCli(cliOrder.slice(0, level + 1)),
    }),
  );
  const others = `^src/cli/(?!(${cliOrder.join('|')})/)[^/]+/`;
  return [...order, forbid('known-room', `sub-rooms of cli are ${cliOrder.join(', ')}`, others, {})];
}

function forbid(
  name: string,
  comment: string,
  from: string,
  to: IRegularForbiddenRuleType['to'],
): IForbiddenRuleType {
  return { name, comment, severity: 'error', from: { path: from }, to };
}

/** A pattern no path matches when there are no rooms to match. */
function inRooms(names: readonly string[]): string {
  return names.length === 0 ? '(?!)' : `^src/(${names.join('|')})/`;
}

function outsideRooms(names: readonly string[]): string {
  return `^src/(?!(${names.join('|')})/)`;
}
