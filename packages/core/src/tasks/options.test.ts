import { describe, expect, test } from 'vitest'
import { GoldenError } from '../errors/index.ts'
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

interface Part {
  readonly name: string
  /** The least that it is made of. */
  readonly least: Readonly<Record<string, unknown>>
  /** The names of all that it may be given besides. */
  readonly others: readonly string[]
  readonly make: (options: never) => unknown
}

const PARTS: readonly Part[] = [
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

/** The option that a part of these options refuses; undefined where it takes them. */
function refusedBy({ make }: Part, options: object): unknown {
  try {
    // The types would refuse it, too: here it is what callers without types do.
    make(options as never)
    return undefined
  } catch (error) {
    if (!(error instanceof GoldenError) || error.code !== 'INVALID_OPTION') throw error
    return error.details.option
  }
}

describe.each(PARTS)('$name', (part) => {
  test('refuses an option that it has not', () => {
    expect(refusedBy(part, { ...part.least, nonsense: 1 })).toBe('nonsense')
  })

  test('takes undefined as absent', () => {
    const absent = Object.fromEntries(part.others.map((name) => [name, undefined]))
    expect(refusedBy(part, { ...part.least, ...absent })).toBeUndefined()
  })

  test.each(Object.keys(part.least))('is not made without %s, nor with one that is none', (option) => {
    for (const value of [undefined, null, 7, {}])
      expect(refusedBy(part, { ...part.least, [option]: value })).toBe(option)
  })
})

test('the members of an option are known by name, too', () => {
  const escalations = { raise: nothing }
  for (const more of [{ policy: { maxTries: 1 } }, { limits: { depth: 1 } }])
    expect(() => new TaskMachine({ database, table, escalations, ...(more as object) })).toThrow('left out')
})
