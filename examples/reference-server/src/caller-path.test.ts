import { resolve } from 'node:path'
import { expect, it } from 'vitest'
import { callerPath } from './caller-path.ts'

it('takes a path from where npm was called, and an absolute one as it is', () => {
  expect(callerPath('tasks.jsonl', { INIT_CWD: '/app' })).toBe('/app/tasks.jsonl')
  expect(callerPath('/data/tasks.jsonl', { INIT_CWD: '/app' })).toBe('/data/tasks.jsonl')
  expect(callerPath('tasks.jsonl', {})).toBe(resolve('tasks.jsonl'))
})
