import { TASK_STATUSES } from '@golden-arch/core/tasks'
import { describe, expect, it } from 'vitest'
import { CODING_TABLE } from './coding-table.ts'

const KINDS = ['root', 'child', 'remediation'] as const
const namesOf = (...move: Parameters<typeof CODING_TABLE.guardsOf>): readonly string[] =>
  (CODING_TABLE.guardsOf(...move) ?? []).map((guard) => guard.name)

describe('the table of coding tasks', () => {
  it('completes a root only by a review, with its tests and its consensus checked', () => {
    const from = TASK_STATUSES.filter((one) => CODING_TABLE.guardsOf('root', one, 'completed') !== undefined)
    expect(from).toEqual(['reviewing'])
    expect(namesOf('root', 'reviewing', 'completed')).toEqual(['tests-passed', 'consensus-approved'])
  })

  it('completes a child only by its tests', () => {
    const from = TASK_STATUSES.filter((one) => CODING_TABLE.guardsOf('child', one, 'completed') !== undefined)
    expect(from).toEqual(['testing'])
    expect(namesOf('child', 'testing', 'completed')).toEqual(['tests-passed'])
  })

  it('lets every open task be cancelled, and none that has ended', () => {
    for (const kind of KINDS) {
      expect(CODING_TABLE.guardsOf(kind, 'generating', 'cancelled')).toEqual([])
      expect(CODING_TABLE.guardsOf(kind, 'completed', 'cancelled')).toBeUndefined()
    }
  })
})
