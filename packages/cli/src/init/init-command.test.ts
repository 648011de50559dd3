import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TemporaryFolder, temporaryFolder } from '@golden-arch/testkit'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { ownVersion } from '../own-manifest.ts'
import { readConfiguration } from '../surroundings/configuration.ts'
import { callCli } from '../testing/called-cli.ts'
import { changeManifest } from './manifest-change.ts'
import { findPackageManager } from './package-manager.ts'

let folder: TemporaryFolder
beforeEach(async () => {
  folder = await temporaryFolder('cli-init')
})
afterEach(() => folder.remove())

const init = (...words: readonly string[]) =>
  callCli(['init', ...words], { folder: folder.path, environment: { npm_config_user_agent: 'npm/11.0.0' } })
const read = (name: string) => readFile(join(folder.path, name), 'utf8')
const write = (name: string, text: string) => writeFile(join(folder.path, name), text)

describe('golden-arch init', () => {
  test('makes an application of an empty folder', async () => {
    const { exitCode, said } = await init('budget', '@golden-arch/messaging', '--no-install')
    expect(exitCode).toBe(0)
    expect(said.slice(0, 3)).toEqual([
      'create package.json',
      'create golden-arch.config.json',
      'create compose.yaml',
    ])
    expect(said).toContain('  npm install')
    const manifest = JSON.parse(await read('package.json'))
    expect(manifest).toMatchObject({
      private: true,
      type: 'module',
      dependencies: {
        '@golden-arch/budget': expect.stringMatching(/^\^\d/),
        '@golden-arch/core': expect.stringMatching(/^\^\d/),
        '@golden-arch/messaging': expect.stringMatching(/^\^\d/),
        '@nats-io/jetstream': expect.stringMatching(/^\^3/),
        '@nats-io/transport-node': expect.stringMatching(/^\^3/),
        ioredis: '^6',
        pg: expect.stringMatching(/^\^8/),
      },
      devDependencies: { '@golden-arch/cli': expect.stringMatching(/^\^\d/) },
    })
    expect(await readConfiguration(folder.path, undefined)).toMatchObject({
      migrations: { modules: ['budget', 'events', 'messaging'] },
    })
    const compose = parse(await read('compose.yaml'))
    expect(Object.keys(compose.services)).toEqual(['postgres', 'redis', 'nats'])
    expect(Object.keys(compose.volumes)).toEqual(['postgres', 'redis', 'nats'])
    for (const { ports } of Object.values<{ ports: string[] }>(compose.services)) {
      expect(ports).toEqual([expect.stringMatching(/^127\.0\.0\.1:/)])
    }
    const { postgres, redis, nats } = compose.services
    expect(postgres).toMatchObject({
      ...{ image: expect.stringMatching(/^postgres:/), environment: { POSTGRES_PASSWORD: 'development' } },
      volumes: ['postgres:/var/lib/postgresql/data'],
    })
    expect(redis).toMatchObject({ command: 'redis-server --appendonly yes', volumes: ['redis:/data'] })
    expect(nats).toMatchObject({ command: '--jetstream --store_dir /data', volumes: ['nats:/data'] })
    expect(await read('compose.yaml')).toContain(`
#   DATABASE_URL=postgres://postgres:development@127.0.0.1:5432/postgres
#   REDIS_URL=redis://127.0.0.1:6379
#   NATS_URL=nats://127.0.0.1:4222
`)
  })

  test('says what becomes of each file and dependency, and what to do next', async () => {
    await write('package.json', '{ "dependencies": { "pg": "^8.0.0" } }')
    await write('compose.yml', 'services: {}\n')
    const version = `^${await ownVersion()}`
    const { said } = await init('budget', '--no-install', '--services', 'postgres')
    expect(said).toEqual([
      'change package.json',
      'create golden-arch.config.json',
      'keep compose.yml: it differs, and --force would replace it',
      `add @golden-arch/core ${version}`,
      `add @golden-arch/budget ${version}`,
      `add @golden-arch/cli ${version}`,
      'keep pg ^8.0.0',
      'next:',
      '  npm install',
      '  docker compose up --detach --wait',
      '  set the variables that the Compose file names at its top',
      '  npx golden-arch migrate up',
      '  npx golden-arch doctor',
    ])
    const { said: without } = await init('budget', '--no-install', '--services', 'none')
    expect(without).toEqual([
      'unchanged package.json',
      'unchanged golden-arch.config.json',
      'next:',
      '  npm install',
      '  npx golden-arch migrate up',
      '  npx golden-arch doctor',
    ])
  })

  test('where a folder has the name of a file, it is named, and nothing is written', async () => {
    for (const name of ['package.json', 'golden-arch.config.json', 'compose.yaml']) {
      await mkdir(join(folder.path, name))
      const { exitCode, document } = await init('budget', '--no-install', '--json')
      expect(exitCode).toBe(1)
      expect(document.error).toMatchObject({ code: 'FILE_UNREADABLE', message: `${name} cannot be read` })
      expect(await readdir(folder.path)).toEqual([name])
      await rm(join(folder.path, name), { recursive: true })
    }
  })

  test('a second time there is nothing to do', async () => {
    await init('budget', '--no-install')
    const { exitCode, document } = await init('budget', '--no-install', '--json')
    expect(exitCode).toBe(0)
    expect(document.result).toEqual({
      isDryRun: false,
      files: [
        { name: 'package.json', action: 'unchanged' },
        { name: 'golden-arch.config.json', action: 'unchanged' },
        { name: 'compose.yaml', action: 'unchanged' },
      ],
      added: [],
      kept: [],
      packageManager: 'npm',
      isInstalled: false,
    })
  })

  test('what is there stays, unless it is told to go', async () => {
    await write('package.json', '{\n\t"name": "shop",\n\t"dependencies": { "pg": "^8.0.0" }\n}\n')
    await write('tsconfig.json', '{}')
    await write('golden-arch.config.mjs', 'export default {}\n')
    await write('docker-compose.yml', 'services: {}\n')
    const { document } = await init('budget', '--no-install', '--services', 'postgres', '--json')
    expect(document.result).toMatchObject({
      files: [
        { name: 'package.json', action: 'change' },
        { name: 'golden-arch.config.mjs', action: 'keep' },
        { name: 'docker-compose.yml', action: 'keep' },
      ],
      kept: [{ name: 'pg', version: '^8.0.0' }],
    })
    expect(await read('package.json')).toMatch(
      /^\{\n\t"name": "shop",\n\t"dependencies": \{\n\t\t"@golden-arch/,
    )
    expect(await read('docker-compose.yml')).toBe('services: {}\n')

    const forced = await init('budget', '--no-install', '--services', 'postgres', '--force', '--json')
    expect(forced.document.result.files).toMatchObject([
      { action: 'change' },
      { action: 'replace' },
      { action: 'replace' },
    ])
    expect(await read('golden-arch.config.mjs')).toContain(`modules: ['budget']`)
    expect(await readConfiguration(folder.path, undefined)).toMatchObject({
      migrations: { modules: ['budget'] },
    })
  })

  test('a dry run says the same and writes nothing', async () => {
    const { exitCode, said } = await init('sandbox', '--dry-run', '--services', 'none', '--format', 'ts')
    expect(exitCode).toBe(0)
    expect(said[0]).toBe('create package.json')
    expect(said.slice(-2)).toEqual(['run npm install', 'nothing was done'])
    expect(await readdir(folder.path)).toEqual([])
  })

  test('a configuration in TypeScript is one that the commands read', async () => {
    await init('core', 'governance', '--no-install', '--format', 'ts', '--services', 'none')
    const { migrations } = await readConfiguration(folder.path, undefined)
    expect(migrations?.modules).toEqual(['audit', 'events', 'governance', 'resilience', 'security', 'tasks'])
    expect(await readdir(folder.path)).not.toContain('compose.yaml')
  })

  test('an application in TypeScript that asks PostgreSQL gets the types of its client', async () => {
    await init('core', '--no-install', '--format', 'ts', '--services', 'postgres')
    expect(JSON.parse(await read('package.json')).devDependencies).toHaveProperty('@types/pg')
    expect((await init('core', '--no-install', '--format', 'ts')).said).not.toContain('add @types/pg')
  })

  test('a package.json that is none is named, and nothing is written', async () => {
    for (const [text, message] of [
      ['{', 'package.json Expected property name'],
      ['[]', 'package.json is no JSON object'],
      ['{"dependencies": 5}', 'package.json has no object dependencies'],
      ['{"devDependencies": []}', 'package.json has no object devDependencies'],
    ] as const) {
      await write('package.json', text)
      const { exitCode, document } = await init('budget', '--no-install', '--json')
      expect(exitCode).toBe(1)
      expect(document.error).toMatchObject({
        code: 'MANIFEST_INVALID',
        message: expect.stringContaining(message),
      })
    }
    expect(await readdir(folder.path)).toEqual(['package.json'])
  })

  test('the package manager installs, and what it says of a failure is told', async () => {
    const programs = join(folder.path, 'programs')
    await mkdir(programs)
    await write('pnpm-lock.yaml', '')
    const call = async (script: string) => {
      await write('programs/pnpm', `#!/bin/sh\n${script}\n`)
      await chmod(join(programs, 'pnpm'), 0o755)
      const environment = { PATH: `${programs}:${process.env.PATH ?? ''}` }
      return callCli(['init', 'budget', '--json'], { folder: folder.path, environment })
    }
    const failed = await call('echo no network >&2; exit 1')
    expect(failed.exitCode).toBe(1)
    expect(failed.document.error).toMatchObject({
      code: 'INSTALL_FAILED',
      message: 'the files are written, and pnpm install failed: no network',
    })
    const done = await call('echo "$1" > called')
    expect(done.document.result).toMatchObject({ packageManager: 'pnpm', isInstalled: true })
    expect(await read('called')).toBe('install\n')
    const lines = await call('for i in 1 2 3 4 5 6 7; do echo "line $i" >&2; done; exit 3')
    expect(lines.document.error).toMatchObject({
      message: `the files are written, and pnpm install failed: ${[3, 4, 5, 6, 7].map((i) => `line ${i}`).join('\n')}`,
      details: { packageManager: 'pnpm' },
    })
  })

  test('a package manager that is not there, and one that is stopped', async () => {
    await write('yarn.lock', '')
    const absent = await callCli(['init', 'budget', '--json'], {
      ...{ folder: folder.path, environment: { PATH: folder.path } },
    })
    expect(absent.exitCode).toBe(1)
    expect(absent.document.error.message).toBe(
      'the files are written, and yarn install failed: spawn yarn ENOENT',
    )
    const stopped = await callCli(['init', 'budget', '--json'], {
      ...{ folder: folder.path, environment: { PATH: folder.path }, signal: AbortSignal.abort() },
    })
    expect(stopped).toMatchObject({ exitCode: 130, document: { ok: false, exitCode: 130 } })
  })

  test('what is installed is not asked for again', async () => {
    const programs = join(folder.path, 'programs')
    await mkdir(programs)
    await writeFile(join(programs, 'bun'), '#!/bin/sh\n', { mode: 0o755 })
    await write('bun.lock', '')
    const { said, complaints } = await callCli(['init', 'sandbox', '--services', 'none'], {
      ...{ folder: folder.path, environment: { PATH: `${programs}:${process.env.PATH ?? ''}` }, isTty: true },
    })
    expect(said.slice(-4)).toEqual([
      'run bun install',
      'next:',
      '  npx golden-arch migrate up',
      '  npx golden-arch doctor',
    ])
    expect(complaints).toContain('bun install')
  })

  test.each([
    [[], 'init needs packages, of core, budget'],
    [['frontend'], 'no such package: frontend; there are core, budget'],
    [['budget', '--services', 'mysql'], '--services must be of postgres,redis,nats'],
    [['budget', '--format', 'toml'], '--format must be ts or json'],
    [['budget', '--install'], "'--install'"],
  ])('%j is not understood: %s', async (words, message) => {
    const { exitCode, document } = await init(...words, '--json')
    expect(exitCode).toBe(2)
    expect(document.error).toMatchObject({ code: 'USAGE', message: expect.stringContaining(message) })
    expect(await readdir(folder.path)).toEqual([])
  })
})

describe('the package manager', () => {
  test('is the one that is stated, then that of the nearest lockfile, then the caller, then npm', async () => {
    const inner = join(folder.path, 'apps', 'shop')
    await mkdir(inner, { recursive: true })
    const caller = { npm_config_user_agent: 'bun/1.2.0 npm/? node/v24' }
    expect(findPackageManager(inner, undefined, {})).toBe('npm')
    expect(findPackageManager(inner, undefined, caller)).toBe('bun')
    await write('pnpm-lock.yaml', '')
    expect(findPackageManager(inner, '{}', caller)).toBe('pnpm')
    expect(findPackageManager(inner, '{ "packageManager": "yarn@4.9.0" }', caller)).toBe('yarn')
    expect(findPackageManager(inner, '{ "packageManager": "other@1.0.0" }', caller)).toBe('pnpm')
    expect(findPackageManager(inner, '{ "packageManager": "other@1.0.0" }', {})).toBe('pnpm')
  })

  test.each([
    ['pnpm-lock.yaml', 'pnpm'],
    ['yarn.lock', 'yarn'],
    ['bun.lock', 'bun'],
    ['bun.lockb', 'bun'],
    ['package-lock.json', 'npm'],
  ])('%s is of %s', async (lockfile, manager) => {
    await write(lockfile, '')
    const caller = { npm_config_user_agent: `${manager === 'npm' ? 'pnpm' : 'npm'}/1.0.0` }
    expect(findPackageManager(folder.path, undefined, caller)).toBe(manager)
  })
})

test('a dependency of development is not asked for twice', () => {
  const text = '{ "devDependencies": { "pg": "8.0.0" } }'
  const { added, kept } = changeManifest(text, {
    dependencies: { pg: '^8.23.1' },
    devDependencies: {},
    isForced: true,
  })
  expect(added).toEqual([])
  expect(kept).toEqual([{ name: 'pg', version: '8.0.0', isDevelopment: false }])
})
