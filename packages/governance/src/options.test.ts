import { GoldenError } from '@golden-arch/core/errors'
import { invalidOption, type OptionsPart, optionsContract } from '@golden-arch/testkit/options'
import { describe, expect, test } from 'vitest'
import { EscalationStore, EscalationTimer } from './escalation/index.ts'
import {
  evaluationGate,
  forbiddenFragments,
  LearningGovernance,
  PromptApprovals,
  PromptCanary,
  PromptEvaluations,
  PromptGovernor,
  PromptRegistry,
  sizeOfChange,
  threatScan,
} from './learning/index.ts'
import { detectPatterns, FailureHistory, PatternSupervisor } from './patterns/index.ts'
import { PeerReviewStore, ReviewSweeper, weightOfTrackRecord } from './review/index.ts'

/** Whatever is asked for, never called. */
const nothing = (): never => {
  throw new Error('called')
}
const database = {
  ...{ query: nothing, script: nothing, transaction: nothing, session: nothing },
  capabilities: { maxConcurrentTransactions: 4, durability: 'memory' },
} as const
const learning = new LearningGovernance({ database })
const escalations = new EscalationStore({ database })

/** All that is made of options. */
const PARTS: readonly OptionsPart[] = [
  {
    name: 'LearningGovernance',
    least: { database },
    others: ['gates', 'outbox', 'audit', 'alerts', 'metrics', 'logger', 'lockTimeoutMs'],
    make: (options) => new LearningGovernance(options),
  },
  {
    name: 'PromptGovernor',
    least: { learning },
    others: ['maxPendingPerRole'],
    make: (options) => new PromptGovernor(options),
  },
  {
    name: 'PromptApprovals',
    least: { learning },
    others: ['pollIntervalMs', 'clock'],
    make: (options) => new PromptApprovals(options),
  },
  {
    name: 'PromptCanary',
    least: { learning },
    others: ['maxShareMilli'],
    make: (options) => new PromptCanary(options),
  },
  {
    name: 'PromptEvaluations',
    least: { learning },
    others: [],
    make: (options) => new PromptEvaluations(options),
  },
  {
    name: 'PromptRegistry',
    least: { database },
    others: [],
    make: (options) => new PromptRegistry(options),
  },
  {
    name: 'evaluationGate',
    least: { dataset: 'd@1', margin: 0 },
    others: ['confidence', 'minSamples'],
    make: (options) => evaluationGate(options),
  },
  {
    name: 'forbiddenFragments',
    least: { forbidden: ['x'] },
    others: ['required'],
    make: (options) => forbiddenFragments(options),
  },
  {
    name: 'sizeOfChange',
    least: { maxCharacters: 10 },
    others: ['maxChangedShareMilli', 'maxAddedCharacters', 'maxRemovedCharacters'],
    make: (options) => sizeOfChange(options),
  },
  {
    name: 'threatScan',
    least: {},
    others: ['contexts', 'from', 'metrics'],
    make: (options) => threatScan(options),
  },
  {
    name: 'PeerReviewStore',
    least: { database },
    others: ['outbox', 'audit', 'escalations', 'metrics'],
    make: (options) => new PeerReviewStore(options),
  },
  {
    name: 'ReviewSweeper',
    least: { reviews: { closeDue: nothing, forgetClosed: nothing } },
    others: ['pollIntervalMs', 'retentionMs', 'clock', 'logger'],
    make: (options) => new ReviewSweeper(options),
  },
  {
    name: 'weightOfTrackRecord',
    least: {},
    others: ['priorRight', 'priorWrong', 'minAccuracy', 'maxAccuracy', 'stepMilli'],
    make: (options) => weightOfTrackRecord({ right: 1, total: 1 }, options),
  },
  {
    name: 'EscalationStore',
    least: { database },
    others: ['outbox', 'audit', 'settlement', 'metrics', 'policy', 'now'],
    make: (options) => new EscalationStore(options),
  },
  {
    name: 'EscalationTimer',
    least: { escalations, alerts: { raise: nothing } },
    others: ['logger', 'pollIntervalMs', 'maxBatchLength', 'retentionMs', 'clock'],
    make: (options) => new EscalationTimer(options),
  },
  {
    name: 'FailureHistory',
    least: { database },
    others: ['maxFailuresOfTenant', 'retentionMs'],
    make: (options) => new FailureHistory(options),
  },
  {
    name: 'PatternSupervisor',
    least: {
      database,
      prompts: { propose: nothing, rollback: nothing },
      inForce: { findCurrent: nothing },
      fixes: [{ fixId: 'f', instruction: 'do' }],
    },
    others: [
      ...['history', 'renderPrompt', 'detection', 'effect', 'actor', 'outbox', 'audit', 'alerts', 'logger'],
      ...['callTimeoutMs', 'pollIntervalMs', 'clock'],
    ],
    make: (options) => new PatternSupervisor(options),
  },
]

/** The option that a part of these options refuses; undefined where it takes them. */
function refusedBy({ make }: OptionsPart, options: object): unknown {
  try {
    // The types would refuse it, too: here it is what callers without types do.
    make(options as never)
    return undefined
  } catch (error) {
    if (!(error instanceof GoldenError) || error.code !== 'INVALID_OPTION') throw error
    return error.details.option
  }
}

optionsContract(PARTS)

describe.each(PARTS)('$name', (part) => {
  test('knows each option that the table names, and no other', () => {
    const all = Object.fromEntries(
      [...Object.keys(part.least), ...part.others].map((name) => [name, part.least[name]]),
    )
    expect(refusedBy(part, all)).toBeUndefined()
  })
})

const NEEDS = PARTS.flatMap((part) =>
  Object.keys(part.least).map((option) => ({ name: part.name, option, part })),
)

test.each(NEEDS)('$name is not made without $option, nor with one that is none', ({ option, part }) => {
  for (const value of [undefined, null, -7, {}])
    expect(refusedBy(part, { ...part.least, [option]: value })).toBeDefined()
})

test('bounds of numbers hold at both ends', () => {
  const shares = { priorRight: [0.4, 1001], priorWrong: [0.4, 1001], stepMilli: [0, 1001] }
  for (const [name, values] of Object.entries(shares)) {
    for (const value of [...values, Number.NaN])
      expect(() => weightOfTrackRecord({ right: 1, total: 1 }, { [name]: value })).toThrow(name)
  }
  for (const detection of [{ minTasks: 4 }, { minLowerBound: 0.4 }, { z: 7 }, { maxCandidates: 0 }]) {
    const least = PARTS.at(-1)?.least
    const option = Object.keys(detection)[0]
    expect(() => new PatternSupervisor({ ...least, detection } as never)).toThrow(
      invalidOption(`detection.${option}`),
    )
    expect(() => detectPatterns([], detection)).toThrow(invalidOption(option))
  }
})

test.each(['detection', 'effect'])('what %s has not is told as a part of it', (option) => {
  const least = PARTS.at(-1)?.least
  expect(() => new PatternSupervisor({ ...least, [option]: { nonsense: 1 } } as never)).toThrow(
    invalidOption(`${option}.nonsense`),
  )
  expect(() => new PatternSupervisor({ ...least, [option]: 'most' } as never)).toThrow(
    invalidOption(option, 'an object'),
  )
})
