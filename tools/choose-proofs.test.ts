import { expect, it } from 'vitest'
import { chooseProofs } from './choose-proofs.ts'

const ALL = ['budget-hammer', 'budget-memory', 'mutation']

it('chooses by parts of names, all where none is given', () => {
  expect(chooseProofs(ALL, [])).toEqual({ names: ALL, given: [] })
  expect(chooseProofs(ALL, ['mem', 'muta'])).toEqual({ names: ['budget-memory', 'mutation'], given: [] })
})

it('hands what stands behind -- to the one proof', () => {
  const given = ['--seed', '4', '--', 'x']
  expect(chooseProofs(ALL, ['mutation', '--', ...given])).toEqual({ names: ['mutation'], given })
})

it('refuses words that name no proof, and says where arguments stand', () => {
  expect(() => chooseProofs(ALL, ['mutation', 'hamster'])).toThrow(
    'no proof is named like hamster; there are:\n  budget-hammer\n',
  )
  expect(() => chooseProofs(ALL, ['mutation', '--seed', '4'])).toThrow(
    'no proof is named like --seed, 4 (arguments of a proof stand behind --); there are:',
  )
})

it('refuses arguments for several', () => {
  expect(() => chooseProofs(ALL, ['budget', '--', '7'])).toThrow('7 would be given to 2 proofs: name one')
  expect(() => chooseProofs(ALL, ['--', '7'])).toThrow('7 would be given to 3 proofs: name one')
})
