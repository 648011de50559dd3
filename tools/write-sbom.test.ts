import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type TemporaryFolder, temporaryFolder } from '@golden-arch/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'

const FILE = join(import.meta.dirname, 'write-sbom.ts')
const HASH = Buffer.from('a hash of 64 bytes')
let folder: TemporaryFolder

beforeAll(async () => {
  folder = await temporaryFolder('sbom')
  const write = (path: string, content: object): void => {
    const whole = join(folder.path, path)
    mkdirSync(dirname(whole), { recursive: true })
    writeFileSync(whole, JSON.stringify(content))
  }
  write('package.json', {
    name: 'whole',
    version: '1.0.0',
    license: 'Apache-2.0',
    workspaces: ['packages/*'],
  })
  write('package-lock.json', {
    packages: { 'node_modules/@scope/b': { integrity: `sha512-${HASH.toString('base64')}` } },
  })
  write('packages/own/package.json', { name: 'own', version: '0.1.0', license: 'MIT' })
  write('packages/own/node_modules/deep/package.json', {
    name: 'deep',
    version: '3.0.0',
    license: '(MIT OR X11)',
  })
  write('node_modules/@scope/b/package.json', { name: '@scope/b', version: '2.0.0', license: 'ISC' })
  write('node_modules/@scope/b/node_modules/deep/package.json', { name: 'deep', version: '2.0.0' })
  write('node_modules/@scope/b/test/package.json', { name: 'no package', version: '9.9.9' })
  write('node_modules/a/package.json', { name: 'a', version: '1.0.0', license: { type: 'MIT' } })
})

afterAll(() => folder.remove())

function written(): string {
  execFileSync(process.execPath, [FILE, 'bill.json'], { cwd: folder.path })
  return readFileSync(join(folder.path, 'bill.json'), 'utf8')
}

it('a bill of materials has every installed package once, with its licence and hash, and Node', () => {
  const library = { type: 'library' }
  expect(JSON.parse(written())).toEqual({
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: {
      component: {
        type: 'application',
        name: 'whole',
        version: '1.0.0',
        licenses: [{ license: { id: 'Apache-2.0' } }],
      },
    },
    components: [
      { type: 'platform', name: 'node', version: process.version.slice(1), purl: expect.any(String) },
      {
        ...library,
        name: '@scope/b',
        version: '2.0.0',
        purl: 'pkg:npm/%40scope/b@2.0.0',
        licenses: [{ license: { id: 'ISC' } }],
        hashes: [{ alg: 'SHA-512', content: HASH.toString('hex') }],
      },
      {
        ...library,
        name: 'a',
        version: '1.0.0',
        purl: 'pkg:npm/a@1.0.0',
        licenses: [{ license: { id: 'MIT' } }],
      },
      { ...library, name: 'deep', version: '2.0.0', purl: 'pkg:npm/deep@2.0.0' },
      {
        ...library,
        name: 'deep',
        version: '3.0.0',
        purl: 'pkg:npm/deep@3.0.0',
        licenses: [{ expression: '(MIT OR X11)' }],
      },
      {
        ...library,
        name: 'own',
        version: '0.1.0',
        purl: 'pkg:npm/own@0.1.0',
        licenses: [{ license: { id: 'MIT' } }],
      },
    ],
  })
})

it('is the same text for the same files', () => {
  expect(written()).toBe(written())
})
