import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { quorumByModel } from './quorum-by-model.ts'
import type { WeighedVoter } from './weighed-voter.ts'

const voter = (agentId: string, model: string, weightMilli: number): WeighedVoter => ({
  agentId,
  model,
  modelFamily: 'f',
  weightMilli,
})

describe('quorumByModel', () => {
  it('counts the voters of a model as its heaviest', () => {
    const voters = [voter('a', 'm', 900), voter('b', 'm', 1200), voter('c', 'n', 700)]
    expect(quorumByModel(voters, new Set(['a', 'stranger']))).toEqual({
      answeredMilli: 900,
      eligibleMilli: 1900,
      answeredModels: 1,
      eligibleModels: 2,
    })
    expect(quorumByModel([...voters].reverse(), new Set(['a', 'b', 'c']))).toEqual(
      quorumByModel(voters, new Set(['a', 'b', 'c'])),
    )
    expect(quorumByModel(voters, new Set(['a', 'b', 'c']))).toMatchObject({
      answeredMilli: 1900,
      answeredModels: 2,
    })
  })

  it('gives copies no quorum that one of them would not give', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 0, max: 3000 }),
        (copies, weightMilli) => {
          const others = [voter('x', 'n', 500), voter('y', 'o', 500)]
          const cloned = Array.from({ length: copies }, (_, index) => voter(`c${index}`, 'm', weightMilli))
          const answered = new Set(cloned.map((one) => one.agentId))
          expect(quorumByModel([...others, ...cloned], answered)).toEqual(
            quorumByModel([...others, voter('c0', 'm', weightMilli)], answered),
          )
        },
      ),
    )
  })

  it('has everything where all answered and nothing where nobody did', () => {
    const voters = [voter('a', 'm', 900), voter('c', 'n', 700)]
    expect(quorumByModel(voters, new Set())).toMatchObject({ answeredMilli: 0, eligibleMilli: 1600 })
    expect(quorumByModel([], new Set())).toMatchObject({ answeredMilli: 0, eligibleMilli: 0 })
  })
})
