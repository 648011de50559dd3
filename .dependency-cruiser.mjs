/** Which file may import which. Every rule is an error; there is no list of exceptions. */

const CORE_ORDER = [
  ['errors', ''],
  ['time', 'errors'],
  ['observability', 'errors|time'],
  ['storage', 'errors|time|observability'],
  ['events', 'errors|time|observability|storage'],
  ['audit', 'errors|time|observability|storage|events'],
  ['resilience', 'errors|time|observability|storage|events|audit'],
  ['tasks', 'errors|time|observability|storage|events|audit'],
  ['validation', 'errors|time|observability|storage|events|audit'],
  ['security', 'errors|time|observability|storage|events|audit'],
  ['migrate', 'errors|time|observability|storage|events|audit'],
  ['ai-sdk', 'errors|time|observability|storage|events|audit|validation'],
  ['mcp', 'errors|time|observability|storage|events|audit'],
  ['langchain', 'errors|time|observability|storage|events|audit|resilience'],
  ['openai-agents', 'errors|time|observability|storage|events|audit|validation'],
]
const TEST = '\\.(test|contract|story|test-d)\\.ts$|/testing/'

export default {
  forbidden: [
    {
      name: 'no-cycle',
      comment: 'Files do not import one another in a circle.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    ...CORE_ORDER.map(([subpath, allowed]) => ({
      name: `core-${subpath}-direction`,
      comment: 'A subpath of core imports only what stands left of it in the order of ARCHITECTURE.md.',
      severity: 'error',
      from: { path: `^packages/core/src/${subpath}/`, pathNot: TEST },
      to: {
        path: '^packages/core/src/',
        pathNot: `^packages/core/src/(${allowed === '' ? subpath : `${subpath}|${allowed}`})/`,
      },
    })),
    {
      name: 'packages-import-only-core',
      comment: 'A package imports no sibling but core; only examples and the command line assemble them.',
      severity: 'error',
      from: { path: '^packages/(budget|sandbox|governance|messaging)/' },
      to: { path: '^(packages|examples)/', pathNot: ['^packages/core/', '^packages/$1/'] },
    },
    {
      name: 'nothing-imports-examples',
      severity: 'error',
      from: { pathNot: '^examples/' },
      to: { path: '^examples/' },
    },
    {
      name: 'nothing-imports-the-command-line',
      severity: 'error',
      from: { pathNot: '^packages/cli/' },
      to: { path: '^packages/cli/' },
    },
    {
      name: 'production-imports-no-tests',
      comment: 'What is published does not import tests, doubles or the testkit.',
      severity: 'error',
      from: { path: '^(packages|examples)/[^/]+/src/', pathNot: TEST },
      to: {
        path: `${TEST}|^internal/|(^|/)node_modules/vitest`,
        pathNot: '(^|/)node_modules/(?!vitest)',
      },
    },
    {
      name: 'published-contracts-import-no-testkit',
      comment: 'The subpaths of core that end in /testing are published, and the testkit is not.',
      severity: 'error',
      from: { path: '^packages/core/src/(observability|resilience|storage|time)/testing/' },
      to: { path: '(^|/)internal/testkit/' },
    },
    {
      name: 'clients-are-passed-in',
      comment:
        'Clients are structural types: no package imports one at run time. The NATS client has no class for a JetStream ' +
        'context or for headers, only functions, which one file of the subpath ./jetstream loads from optional peers.',
      severity: 'error',
      from: {
        path: '^packages/[^/]+/src/',
        pathNot: `${TEST}|^packages/core/src/migrate/cli\\.ts$|^packages/messaging/src/adapters/jetstream/nats-client\\.ts$`,
      },
      to: {
        path: '(^|/)node_modules/(@types/)?(pg|ioredis|ioredis-v5|pino|prom-client|@electric-sql|dockerode|@nats-io|@opentelemetry|fastify|@modelcontextprotocol|langchain|@langchain)/',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'testkit-stands-alone',
      severity: 'error',
      from: { path: '^internal/testkit/' },
      to: { path: '^(packages|examples)/' },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // What is built from these sources; clients have a folder of that name too.
    exclude: { path: '^(packages|internal|examples)/[^/]+/(console/)?dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      conditionNames: ['golden-arch-source', 'import', 'types', 'node', 'default'],
      exportsFields: ['exports'],
      extensions: ['.ts', '.js', '.mjs', '.json'],
    },
  },
}
