import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TemporaryFolder, temporaryFolder } from '@golden-arch/testkit'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
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
