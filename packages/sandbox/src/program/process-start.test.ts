import { afterEach, expect, it } from 'vitest'
import { processStart } from './process-start.ts'

const title = process.title
afterEach(() => {
  process.title = title
})

it.runIf(process.platform === 'linux')('is the same whatever a process calls itself', () => {
  const start = processStart(process.pid)
  expect(start).toMatch(/^\d+$/)
  process.title = 'a) S b c'
  expect(processStart(process.pid)).toBe(start)
})

it('is not known of a process that is none', () => {
  expect(processStart(-1)).toBeUndefined()
})
