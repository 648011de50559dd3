import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { type TemporaryFolder, temporaryFolder } from '@golden-arch/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readOnlyMounts } from './read-only-mounts.ts'

describe('what a guest sees of a root file system', () => {
  let folder: TemporaryFolder
  beforeAll(async () => {
    folder = await temporaryFolder('root')
    for (const name of ['usr', 'opt', 'home']) mkdirSync(join(folder.path, name))
    symlinkSync('usr/lib', join(folder.path, 'lib'))
  })
  afterAll(() => folder.remove())

  it('is by default programs and libraries, as far as they are there, links as links', () => {
    const root = folder.path
    expect(readOnlyMounts({ root, readOnlyPaths: undefined })).toEqual([
      { kind: 'bind', source: join(root, 'usr'), path: '/usr' },
      { kind: 'link', to: 'usr/lib', path: '/lib' },
    ])
  })

  it('is else what was named, all of it', () => {
    const root = folder.path
    expect(readOnlyMounts({ root, readOnlyPaths: ['/opt'] })).toEqual([
      { kind: 'bind', source: join(root, 'opt'), path: '/opt' },
    ])
    expect(() => readOnlyMounts({ root, readOnlyPaths: ['/opt', '/none'] })).toThrowError(
      expect.objectContaining({
        code: 'SANDBOX_INFRA',
        message: `there is no ${join(root, 'none')} for the guest to see`,
      }),
    )
  })
})
