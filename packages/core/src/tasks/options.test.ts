import { invalidOption, type OptionsPart, optionsContract } from '@golden-arch/testkit/options'
import { describe, expect, test } from 'vitest'
import {
  AgentRegistry,
  EffectLedger,
  TaskMachine,
  TaskQueue,
  TaskQuotas,
  TaskSteps,
  TaskSweeper,
  TransitionTable,
} from './index.ts'

/** Whatever is asked for, never called. */
const nothing = (): never => {
  throw new Error('called')
}
const database = {
  ...{ query: nothing, script: nothing, transaction: nothing, session: nothing },
  capabilities: { maxConcurrentTransactions: 4, durability: 'memory' },
} as const
const table = new TransitionTable([{ from: 'submitted', to: 'planning' }])

const PARTS: readonly OptionsPart[] = [
  {
    name: 'TaskMachine',
    least: { database, table, escalations: { raise: nothing } },
    others: [
      ...['fixes', 'policy', 'limits', 'quotas', 'outbox', 'audit', 'store', 'clock', 'metrics', 'tracer'],
    ],
    make: (options) => new TaskMachine(options),
  },
  {
    name: 'TaskSteps',
    least: { database },
    others: [
      ...['outbox', 'leaseMs', 'heartbeatMs', 'pollGraceMs', 'initialDelayMs', 'maxDelayMs', 'stopGraceMs'],
      ...['tracer', 'clock'],
    ],
    make: (options) => new TaskSteps(options),
  },
  {
    name: 'TaskQueue',
    least: { database },
    others: ['quotas', 'lookMs'],
    make: (options) => new TaskQueue(options),
  },
  {
    name: 'TaskQuotas',
    least: { database },
    others: ['defaults', 'retryAfterMs'],
    make: (options) => new TaskQuotas(options),
  },
  {
    name: 'TaskSweeper',
    least: { database, machine: { transition: nothing }, steps: { recoverLost: nothing } },
    others: ['store', 'actor', 'pollIntervalMs', 'maxBatchLength', 'retentionMs', 'clock', 'logger'],
    make: (options) => new TaskSweeper(options),
  },
  {
    name: 'AgentRegistry',
    least: { database },
    others: [],
    make: (options) => new AgentRegistry(options),
  },
  {
    name: 'EffectLedger',
    least: { database },
    others: [],
    make: (options) => new EffectLedger(options),
  },
]

optionsContract(PARTS)

describe.each(PARTS)('$name', (part) => {
  test.each(Object.keys(part.least))('is not made without %s, nor with one that is none', (option) => {
    for (const value of [undefined, null, 7, {}])
      expect(() => part.make({ ...part.least, [option]: value } as never)).toThrow(invalidOption(option))
  })
})

test('the members of an option are known by name, too', () => {
  const escalations = { raise: nothing }
  for (const more of [{ policy: { maxTries: 1 } }, { limits: { depth: 1 } }])
    expect(() => new TaskMachine({ database, table, escalations, ...(more as object) })).toThrow('left out')
})
