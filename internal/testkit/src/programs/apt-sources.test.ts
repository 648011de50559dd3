import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../isolation/temporary-folder.ts'
import { readAptSources, sourcesForRelease } from './apt-sources.ts'

const STANZAS = `Types: deb
# a comment
URIs: http://mirror.invalid/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /keys.gpg

Types: deb
Enabled: no
URIs: http://off.invalid
Suites: bookworm

Types: deb
URIs: http://vendor.invalid
Suites: stable
`
const LINES = `# deb http://old.invalid bookworm main
deb [arch=amd64 signed-by=/old.gpg] http://lines.invalid/debian bookworm main contrib
deb-src http://source.invalid bookworm main
`

test('both formats are read, what is switched off is not', async () => {
  const folder = await temporaryFolder('apt')
  mkdirSync(join(folder.path, 'sources.list.d'))
  writeFileSync(join(folder.path, 'sources.list'), LINES)
  writeFileSync(join(folder.path, 'sources.list.d/debian.sources'), STANZAS)
  writeFileSync(join(folder.path, 'sources.list.d/vendor.list.save'), LINES)
  const sources = readAptSources(folder.path)
  await folder.remove()
  expect(sources).toEqual([
    { uris: 'http://lines.invalid/debian', suites: ['bookworm'], signedBy: '/old.gpg' },
    { uris: 'http://mirror.invalid/debian', suites: ['bookworm', 'bookworm-updates'], signedBy: '/keys.gpg' },
    { uris: 'http://vendor.invalid', suites: ['stable'], signedBy: '' },
  ])
})

const MIRROR = {
  uris: 'http://mirror.invalid',
  suites: ['bookworm', 'bookworm-updates'],
  signedBy: '/keys.gpg',
}

test("the machine's own release comes with its updates and from no vendor", () => {
  const vendor = { uris: 'http://vendor.invalid', suites: ['stable'], signedBy: '' }
  expect(sourcesForRelease([MIRROR, vendor], 'bookworm', 'bookworm')).toBe(
    'Types: deb\nURIs: http://mirror.invalid\nSuites: bookworm bookworm-updates\nComponents: main\nSigned-By: /keys.gpg\n',
  )
})

test('a newer release comes from the same place, without the updates of the old one', () => {
  expect(sourcesForRelease([MIRROR], 'bookworm', 'trixie')).toContain('Suites: trixie\n')
  expect(() => sourcesForRelease([], 'bookworm', 'trixie')).toThrow('apt has no source for bookworm')
})
