import { TASK_STATUSES } from '@golden-arch/core/tasks'
import { describe, expect, it } from 'vitest'
import { CODING_TABLE } from './coding-table.ts'

const KINDS = ['root', 'child', 'remediation'] as const
const namesOf = (...move: Parameters<typeof CODING_TABLE.guardsOf>): readonly string[] =>
  (CODING_TABLE.guardsOf(...move) ?? []).map((guard) => guard.name)

describe('the table of coding tasks', () => {
  it('completes a root only by a review, with its tests and its consensus checked, or by the word of a person', () => {
    const from = TASK_STATUSES.filter((one) => CODING_TABLE.guardsOf('root', one, 'completed') !== undefined)
    expect(from).toEqual(['reviewing', 'escalated'])
    expect(namesOf('root', 'reviewing', 'completed')).toEqual([
      'solution-present',
      'tests-passed',
      'no-veto',
      'consensus-approved',
    ])
    expect(namesOf('root', 'escalated', 'completed')).toEqual(['person-said-approve', 'solution-present'])
  })

  it('completes a part only by its tests, or by the word of a person', () => {
    const from = TASK_STATUSES.filter((one) => CODING_TABLE.guardsOf('child', one, 'completed') !== undefined)
    expect(from).toEqual(['executing', 'escalated'])
    expect(namesOf('child', 'executing', 'completed')).toEqual([
      'solution-present',
      'tests-present',
      'tests-passed',
    ])
  })

  it('lets a task out of escalated only by the word of a person', () => {
    for (const { from, guards, isImplied } of CODING_TABLE.explain()) {
      if (from !== 'escalated' || isImplied) continue
      expect(guards.some(({ name }) => name.startsWith('person-said-'))).toBe(true)
    }
  })

  it('takes a task that could not be begun back to its beginning, by the word of a person', () => {
    for (const kind of ['root', 'child'] as const) {
      expect(namesOf(kind, 'escalated', 'submitted')).toEqual(['person-said-retry'])
    }
  })

  it('lets a root that was waiting for its parts wait on, by the word of a person', () => {
    expect(namesOf('root', 'escalated', 'waiting')).toEqual(['person-said-retry'])
    expect(CODING_TABLE.guardsOf('child', 'escalated', 'waiting')).toBeUndefined()
  })

  it('lets every open task be cancelled, and none that has ended', () => {
    for (const kind of KINDS) {
      expect(CODING_TABLE.guardsOf(kind, 'executing', 'cancelled')).toEqual([])
      expect(CODING_TABLE.guardsOf(kind, 'completed', 'cancelled')).toBeUndefined()
    }
  })

  it('explains each of its guards in a sentence', () => {
    for (const guard of CODING_TABLE.guards.values()) expect(guard.description).toMatch(/^[A-Z].*\.$/)
  })
})
