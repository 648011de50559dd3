import { expect, test } from 'vitest'
import { BubblewrapBackend } from './adapters/bubblewrap/index.ts'
import { DockerBackend } from './adapters/docker/index.ts'
import { PyodideBackend } from './adapters/pyodide/index.ts'
import { QuickJsBackend } from './adapters/quickjs/index.ts'
import { sandboxTool as aiSdkTool } from './ai-sdk/index.ts'
import { resolveEgressOptions } from './egress/egress-options.ts'
import { SandboxExecutor } from './index.ts'
import { sandboxTool as langChainTool } from './langchain/index.ts'
import { addSandboxTools } from './mcp/index.ts'
import { FakeSandboxBackend } from './testing/fake-sandbox-backend.ts'

interface Part {
  readonly name: string
  /** The least that it is made of. */
  readonly minimal: Readonly<Record<string, unknown>>
  /** The option that is a client, or what else it cannot be made without. */
  readonly client?: string
  readonly optional: readonly string[]
  readonly make: (options: never) => unknown
}

const never = (): never => {
  throw new Error('not asked')
}
const docker = {
  info: never,
  getImage: never,
  createContainer: never,
  getContainer: never,
  listContainers: never,
}
const image = `sha256:${'a'.repeat(64)}`
const sandbox = { execute: never }
const WARM = ['warm', 'maxWarm', 'warmMaxAgeMs']
const BACKEND = ['rules', 'environmentNames', 'maxConcurrent', 'startTimeoutMs', 'clock', 'logger']
const TOOL = ['language', 'role', 'minimumIsolation', 'limits', 'maxCodeLength', 'description']

/** All that is made of options. */
const PARTS: readonly Part[] = [
  {
    name: 'SandboxExecutor',
    minimal: { backend: new FakeSandboxBackend() },
    client: 'backend',
    optional: [
      ...['minimumIsolation', 'limits', 'maxConcurrent', 'maxQueueLength', 'maxQueueWaitMs', 'maxSessions'],
      ...['rateLimits', 'clock', 'logger', 'metrics', 'tracer'],
    ],
    make: (options) => new SandboxExecutor(options),
  },
  {
    name: 'DockerBackend',
    minimal: { docker, images: { python: { image } } },
    client: 'docker',
    optional: [...BACKEND, ...WARM, 'runtime', 'reapIntervalMs', 'egress', 'metrics'],
    make: (options) => new DockerBackend(options),
  },
  {
    name: 'an image of DockerBackend',
    minimal: { image },
    optional: ['interpreter', 'warm', 'maxWarm'],
    make: (image) => new DockerBackend({ docker, images: { python: image } }),
  },
  {
    name: 'BubblewrapBackend',
    minimal: { languages: { python: {} } },
    client: 'languages',
    optional: [...BACKEND, ...WARM, 'bwrapPath', 'controlGroups', 'reapIntervalMs'],
    make: (options) => new BubblewrapBackend(options),
  },
  {
    name: 'an interpreter of BubblewrapBackend',
    minimal: {},
    optional: ['interpreter', 'root', 'readOnlyPaths', 'warm', 'maxWarm'],
    make: (python) => new BubblewrapBackend({ languages: { python } }),
  },
  {
    name: 'PyodideBackend',
    minimal: {},
    optional: [...BACKEND, ...WARM, 'pyodideFolder', 'childUrl'],
    make: (options) => new PyodideBackend(options),
  },
  {
    name: 'QuickJsBackend',
    minimal: {},
    optional: [...BACKEND, 'warm', 'maxRunsPerWorker', 'workerUrl'],
    make: (options) => new QuickJsBackend(options),
  },
  {
    name: 'the rules of BubblewrapBackend',
    minimal: {},
    optional: [
      'cpus',
      'pidsLimit',
      'diskLimitBytes',
      'inodeLimit',
      'openFilesLimit',
      'filesLimitBytes',
      'maxFiles',
    ],
    make: (rules) => new BubblewrapBackend({ languages: { python: {} }, rules }),
  },
  {
    name: 'the rules of PyodideBackend',
    minimal: {},
    optional: ['diskLimitBytes', 'filesLimitBytes', 'maxFiles'],
    make: (rules) => new PyodideBackend({ rules }),
  },
  {
    name: 'the rules of QuickJsBackend',
    minimal: {},
    optional: ['filesLimitBytes', 'maxFiles'],
    make: (rules) => new QuickJsBackend({ rules }),
  },
  {
    name: 'the egress of DockerBackend',
    minimal: { allow: ['a.example:443'] },
    optional: [
      ...['maxConnections', 'maxTotalConnections', 'maxBytes', 'idleTimeoutMs', 'connectTimeoutMs'],
      ...['allowPrivateAddresses', 'resolve'],
    ],
    make: resolveEgressOptions,
  },
  {
    name: 'sandboxTool of the AI SDK',
    minimal: { sandbox, tenantId: 't' },
    client: 'sandbox',
    optional: TOOL,
    make: (options) => aiSdkTool(options),
  },
  {
    name: 'sandboxTool of LangChain',
    minimal: { sandbox, tenantId: 't' },
    client: 'sandbox',
    optional: [...TOOL, 'name'],
    make: (options) => langChainTool(options),
  },
  {
    name: 'addSandboxTools',
    minimal: { sandbox, caller: never, schema: () => ({}) },
    client: 'sandbox',
    optional: [...TOOL, 'name', 'hasNetwork', 'logger'],
    make: (options) => addSandboxTools({ registerTool: () => ({}) }, options),
  },
]
const refused = (option: string) =>
  expect.objectContaining({ code: 'INVALID_OPTION', details: expect.objectContaining({ option }) })

test.each(PARTS)('$name refuses an option that it does not know', ({ make, minimal }) => {
  expect(() => make({ ...minimal, nonsense: 1 } as never)).toThrow(refused('nonsense'))
})

test.each(PARTS)(
  '$name takes undefined for each option that may be left out',
  ({ make, minimal, optional }) => {
    const absent = Object.fromEntries(optional.map((name) => [name, undefined]))
    expect(() => make({ ...absent, ...minimal } as never)).not.toThrow()
  },
)

test.each(PARTS.filter(({ client }) => client !== undefined))(
  '$name refuses to be made without its client',
  ({ make, minimal, client = '' }) => {
    for (const missing of [undefined, null, {}, 'unix:///run/it']) {
      expect(() => make({ ...minimal, [client]: missing } as never)).toThrow(refused(client))
    }
  },
)

test.each([
  [
    'docker',
    (more: object) => new DockerBackend({ docker, images: { python: { image } }, ...more } as never),
  ],
  ['bubblewrap', (more: object) => new BubblewrapBackend({ languages: { python: {} }, ...more } as never)],
  ['pyodide', (more: object) => new PyodideBackend(more)],
  ['quickjs', (more: object) => new QuickJsBackend(more)],
])('one set of options does for %s as for the other backends', (_name, make) => {
  const rules = { filesLimitBytes: 1000, maxFiles: 2 }
  const alike = { maxConcurrent: 3, warm: 2, startTimeoutMs: 5000, environmentNames: ['NAME'], rules }
  expect(make(alike).maxConcurrent).toBe(3)
  for (const [name, bad] of [
    ['maxConcurrent', 0],
    ['warm', -1],
    ['startTimeoutMs', 0],
  ] as const) {
    expect(() => make({ ...alike, [name]: bad })).toThrow(
      expect.objectContaining({
        details: expect.objectContaining({ option: expect.stringMatching(new RegExp(`(^|\\.)${name}$`)) }),
      }),
    )
  }
  expect(() => make({ rules: { ...rules, maxFiles: -1 } })).toThrow(refused('rules.maxFiles'))
})
