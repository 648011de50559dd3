import { AGENT_ROLES } from '@golden-arch/core/tasks'
import { errorFingerprint } from '../error-fingerprint.ts'
import { type FixOfKind, patternIdOf } from '../failure-kind.ts'
import type { RecordedFailure } from '../recorded-failure.ts'

/** A history of failures of which it is known what helps. */
export interface GeneratedHistory {
  readonly failures: readonly RecordedFailure[]
  /** Ids of the patterns that were planted: fixes that nearly always help. */
  readonly planted: ReadonlySet<string>
}

/** Numbers from 0 to 1 that a seed determines. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const PLANTED = 40
const NEAR_MISSES = 30
const SYLLABLES = ['ba', 'ce', 'di', 'fo', 'gu', 'ka', 'le', 'mi', 'no', 'pu', 'ra', 'se', 'ti', 'vo', 'zu']

/**
 * `size` failures: 40 kinds with one fix that helps in 92 to 99 of 100 tasks beside two that help in 30 to 60, 30 kinds
 * with a fix that helps in 65 to 75, which is not enough, and noise: hundreds of kinds with fixes that help in 10 to 70.
 */
export function generatedHistory(seed: number, size = 10_000): GeneratedHistory {
  const random = seededRandom(seed)
  const between = (low: number, high: number): number => low + random() * (high - low)
  const pick = <T>(list: readonly [T, ...T[]]): T => list[Math.floor(random() * list.length)] ?? list[0]
  const failures: RecordedFailure[] = []
  const planted = new Set<string>()
  let tasks = 0

  const kindOf = (number: number): ((fixId: string) => FixOfKind) => {
    const facts = {
      agentRole: pick(AGENT_ROLES),
      guard: `guard-${number % 7}`,
      contextSignature: pick(['python/generate', 'sql/review', 'text/summarise']),
    }
    const error = `the ${wordOf(number)} of task-${number}-${tasks} is not "${tasks}" at 2026-01-0${1 + (number % 9)}`
    return (fixId) => ({ ...facts, errorFingerprint: errorFingerprint({ error }), fixId })
  }
  const tryFix = (fix: FixOfKind, chance: number, count: number): void => {
    for (let index = 0; index < count; index++) {
      const outcome = random() < chance ? 'succeeded' : 'failed'
      failures.push({ ...fix, tenantId: 'acme', taskId: `t-${tasks++}`, attempt: 1, outcome })
    }
  }

  for (let number = 0; number < PLANTED; number++) {
    const withFix = kindOf(number)
    const good = withFix(`fix-${number % 10}`)
    planted.add(patternIdOf(good))
    tryFix(good, between(0.92, 0.99), Math.round(between(30, 90)))
    for (const bad of ['retry', 'shorten'])
      tryFix(withFix(bad), between(0.3, 0.6), Math.round(between(5, 30)))
  }
  for (let number = PLANTED; number < PLANTED + NEAR_MISSES; number++) {
    tryFix(kindOf(number)('almost'), between(0.65, 0.75), Math.round(between(20, 80)))
  }
  for (let number = PLANTED + NEAR_MISSES; failures.length < size; number++) {
    const withFix = kindOf(number)
    for (const fix of ['retry', 'shorten', 'lookup']) {
      tryFix(withFix(fix), between(0.1, 0.7), Math.round(between(1, 15)))
    }
  }
  failures.length = size
  return { failures: shuffled(failures, random), planted }
}

/** How well suggestions met what was planted. */
export function gradeOf(
  suggested: readonly { readonly patternId: string }[],
  planted: ReadonlySet<string>,
): { readonly precision: number; readonly recall: number; readonly wrong: number } {
  const right = suggested.filter((one) => planted.has(one.patternId)).length
  const precision = suggested.length === 0 ? 1 : right / suggested.length
  return { precision, recall: right / planted.size, wrong: suggested.length - right }
}

function wordOf(number: number): string {
  const digits = [...number.toString(SYLLABLES.length)].map((digit) => parseInt(digit, SYLLABLES.length))
  return digits.map((digit) => SYLLABLES[digit]).join('')
}

function shuffled<T>(list: readonly T[], random: () => number): T[] {
  return list
    .map((item) => ({ item, at: random() }))
    .sort((one, other) => one.at - other.at)
    .map(({ item }) => item)
}
