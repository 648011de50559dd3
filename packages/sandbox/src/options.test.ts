import { invalidOption, type OptionsPart, optionsContract } from '@golden-arch/testkit/options'
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

interface Part extends OptionsPart {
  /** The option that is a client, or what else it cannot be made without. */
  readonly client?: string
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
const TOOL = [
  ...['language', 'role', 'minimumIsolation', 'limits', 'maxCodeLength', 'maxOutputCharacters'],
  ...['hasNetwork', 'description'],
]

/** All that is made of options. */
const PARTS: readonly Part[] = [
  {
    name: 'SandboxExecutor',
    least: { backend: new FakeSandboxBackend() },
    client: 'backend',
    others: [
      ...['minimumIsolation', 'limits', 'maxConcurrent', 'maxQueueLength', 'maxQueueWaitMs', 'maxSessions'],
      ...['rateLimits', 'clock', 'logger', 'metrics', 'tracer'],
    ],
    make: (options) => new SandboxExecutor(options),
  },
  {
    name: 'DockerBackend',
    least: { docker, images: { python: { image } } },
    client: 'docker',
    others: [...BACKEND, ...WARM, 'runtime', 'reapIntervalMs', 'egress', 'metrics'],
    make: (options) => new DockerBackend(options),
  },
  {
    name: 'an image of DockerBackend',
    path: 'images.python',
    least: { image },
    others: ['interpreter', 'warm', 'maxWarm'],
    make: (image) => new DockerBackend({ docker, images: { python: image } }),
  },
  {
    name: 'BubblewrapBackend',
    least: { languages: { python: {} } },
    client: 'languages',
    others: [...BACKEND, ...WARM, 'bwrapPath', 'controlGroups', 'reapIntervalMs'],
    make: (options) => new BubblewrapBackend(options),
  },
  {
    name: 'an interpreter of BubblewrapBackend',
    path: 'languages.python',
    least: {},
    others: ['interpreter', 'root', 'readOnlyPaths', 'warm', 'maxWarm'],
    make: (python) => new BubblewrapBackend({ languages: { python } }),
  },
  {
    name: 'PyodideBackend',
    least: {},
    others: [...BACKEND, ...WARM, 'pyodideFolder', 'childUrl'],
    make: (options) => new PyodideBackend(options),
  },
  {
    name: 'QuickJsBackend',
    least: {},
    others: [...BACKEND, 'warm', 'maxRunsPerWorker', 'workerUrl'],
    make: (options) => new QuickJsBackend(options),
  },
  {
    name: 'the rules of BubblewrapBackend',
    path: 'rules',
    least: {},
    others: [
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
    path: 'rules',
    least: {},
    others: ['diskLimitBytes', 'filesLimitBytes', 'maxFiles'],
    make: (rules) => new PyodideBackend({ rules }),
  },
  {
    name: 'the rules of QuickJsBackend',
    path: 'rules',
    least: {},
    others: ['filesLimitBytes', 'maxFiles'],
    make: (rules) => new QuickJsBackend({ rules }),
  },
  {
    name: 'the egress of DockerBackend',
    path: 'egress',
    least: { allow: ['a.example:443'] },
    others: [
      ...['maxConnections', 'maxTotalConnections', 'maxBytes', 'idleTimeoutMs', 'connectTimeoutMs'],
      ...['allowPrivateAddresses', 'resolve'],
    ],
    make: resolveEgressOptions,
  },
  {
    name: 'sandboxTool of the AI SDK',
    least: { sandbox, tenantId: 't' },
    client: 'sandbox',
    others: TOOL,
    make: (options) => aiSdkTool(options),
  },
  {
    name: 'sandboxTool of LangChain',
    least: { sandbox, tenantId: 't' },
    client: 'sandbox',
    others: [...TOOL, 'name'],
    make: (options) => langChainTool(options),
  },
  {
    name: 'addSandboxTools',
    least: { sandbox, caller: never, schema: () => ({}) },
    client: 'sandbox',
    others: [...TOOL, 'name', 'logger'],
    make: (options) => addSandboxTools({ registerTool: () => ({}) }, options),
  },
]

optionsContract(PARTS)

test.each(PARTS.filter(({ client }) => client !== undefined))(
  '$name refuses to be made without its client',
  ({ make, least, client = '' }) => {
    for (const missing of [undefined, null, {}, 'unix:///run/it']) {
      expect(() => make({ ...least, [client]: missing } as never)).toThrow(invalidOption(client))
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
  expect(() => make({ rules: { ...rules, maxFiles: -1 } })).toThrow(invalidOption('rules.maxFiles'))
})
