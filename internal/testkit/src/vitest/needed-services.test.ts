import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TemporaryFolder } from '../isolation/temporary-folder.ts'
import { temporaryFolder } from '../isolation/temporary-folder.ts'
import { neededServices } from './needed-services.ts'

const CALL = 'describeWithService'
let folder: TemporaryFolder
beforeEach(async () => {
  folder = await temporaryFolder('needed')
})
afterEach(() => folder.remove())

function write(name: string, text: string): string {
  const path = join(folder.path, name)
  writeFileSync(path, text)
  return path
}

test('a literal name asks for that service alone', () => {
  const file = write('a.test.ts', `${CALL}(\n  'redis', 'title', () => {})`)
  expect([...neededServices([file])]).toEqual(['redis'])
})

test('files that are imported by a relative path ask too, however they import one another', () => {
  write('b.contract.ts', `import './a.test.ts'\n${CALL}("nats", 'title', () => {})`)
  const file = write('a.test.ts', `import { suite } from './b.contract.ts'`)
  expect([...neededServices([file])]).toEqual(['nats'])
})

test('a name that is no literal asks for all', () => {
  const file = write('a.test.ts', `for (const name of names) ${CALL}(name, 'title', () => {})`)
  expect([...neededServices([file])]).toEqual([
    'postgres',
    'redis',
    'nats',
    'docker',
    'bubblewrap',
    'prometheus',
    'chromium',
  ])
})

test('a run of unit tests needs none', () => {
  expect(neededServices([write('a.test.ts', 'test()'), join(folder.path, 'gone.test.ts')]).size).toBe(0)
})
