import { expect, test } from 'vitest'
import { matchesEventType } from './event-type-pattern.ts'

test.each([
  ['>', 'task.completed', true],
  ['task.>', 'task.completed', true],
  ['task.>', 'task.step.failed', true],
  ['task.>', 'task', false],
  ['task.>', 'task.', false],
  ['task.>', 'tasks.completed', false],
  ['task.completed', 'task.completed', true],
  ['task.completed', 'task.completed.twice', false],
])('%s and %s: %s', (pattern, type, expected) => {
  expect(matchesEventType(pattern, type)).toBe(expected)
})
