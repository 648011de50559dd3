import { expect, it } from 'vitest'
import { SeededChoice } from '../../examples/reference-server/src/testing/chaos/seeded-choice.ts'
import { chooseWindows } from './choose-windows.ts'
import { scoreOf } from './mutation-score.ts'

const lines = (count: number): string => 'const a = 1\n'.repeat(count)

it('chooses windows of the product alone, the same for the same seed', () => {
  const files = [
    { file: 'src/budget.ts', text: lines(45) },
    { file: 'src/budget.test.ts', text: lines(45) },
    { file: 'src/testing/fake.ts', text: lines(45) },
    { file: 'src/index.ts', text: lines(45) },
    { file: 'src/table.sql', text: lines(45) },
    { file: 'src/sandbox-child.ts', text: lines(45) },
    { file: 'src/sandbox-worker.ts', text: lines(45) },
  ]
  const choose = (count: number): string[] =>
    chooseWindows(files, { choice: new SeededChoice(4), count, lines: 20 })
  expect(choose(9).sort()).toEqual(['src/budget.ts:1-20', 'src/budget.ts:21-40', 'src/budget.ts:41-45'])
  expect(choose(2)).toHaveLength(2)
  expect(choose(2)).toEqual(choose(2))
})

it('counts what was found, what was not, and neither of what could not be tried', () => {
  const mutant = (status: string, line: number) => ({
    status,
    mutatorName: 'ConditionalExpression',
    replacement: 'if\n  (true)',
    location: { start: { line } },
  })
  const mutants = [
    'Killed',
    'Timeout',
    'Survived',
    'NoCoverage',
    'Ignored',
    'CompileError',
    'RuntimeError',
  ].map(mutant)
  expect(scoreOf({ files: { 'a.ts': { mutants } } })).toEqual({
    found: 2,
    timedOut: 1,
    all: 4,
    survivors: [
      'a.ts:2 ConditionalExpression: if (true)',
      'a.ts:3 ConditionalExpression, run by no test: if (true)',
    ],
  })
})
