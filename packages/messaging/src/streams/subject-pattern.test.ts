import fc from 'fast-check'
import { expect, test } from 'vitest'
import { matchesSubject, patternsOverlap, requireSubject, requireSubjectPattern } from './subject-pattern.ts'

test.each([
  ['>', 'task.completed', true],
  ['task.>', 'task.completed', true],
  ['task.>', 'task.step.failed', true],
  ['task.>', 'task', false],
  ['task.>', 'task.', false],
  ['task.>', 'tasks.completed', false],
  ['task.completed', 'task.completed', true],
  ['task.completed', 'task.completed.twice', false],
])('%s and %s: %s', (pattern, subject, expected) => {
  expect(matchesSubject(pattern, subject)).toBe(expected)
})

test('two patterns overlap exactly where a subject falls under both', () => {
  const subjects = fc.array(fc.constantFrom('a', 'b', 'ab'), { minLength: 1, maxLength: 3 })
  const pattern = fc.oneof(
    fc.constant('>'),
    subjects.map((words) => words.join('.')),
    subjects.map((words) => `${words.join('.')}.>`),
  )
  const all = ['a', 'b', 'ab'].flatMap((x) => [
    x,
    ...['a', 'b', 'ab', 'z'].flatMap((y) => [
      `${x}.${y}`,
      ...['a', 'b', 'ab', 'z'].flatMap((z) => [`${x}.${y}.${z}`, `${x}.${y}.${z}.z`]),
    ]),
  ])
  fc.assert(
    fc.property(pattern, pattern, (one, other) => {
      const isShared = all.some((subject) => matchesSubject(one, subject) && matchesSubject(other, subject))
      expect(patternsOverlap(one, other)).toBe(isShared)
    }),
  )
})

test('what is no subject or pattern is refused', () => {
  for (const bad of ['', 'task.*', 'task>', 'task..x', '.task', 'task.', 'tâche', 'a'.repeat(257)]) {
    expect(() => requireSubjectPattern('subjects', bad)).toThrow('subjects')
    expect(() => requireSubject(bad)).toThrow('subject')
  }
  expect(() => requireSubject('task.>')).toThrow('subject')
})
