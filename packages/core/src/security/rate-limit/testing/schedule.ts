import type { RateLimit } from '../rate-limit.ts'
import { randomFrom } from './seeded-random.ts'
import type { TimeStep } from './simulated-time-redis.ts'

/** Calls of one key, which several processes make at steps that follow from the seed. */
export interface Schedule {
  readonly key: string
  readonly seed: number
  readonly limit: RateLimit
  readonly callsPerProcess: number
  /** Whether Redis's clock is set back now and then. */
  readonly isSetBack: boolean
}

const LIMITS = [1, 2, 3, 5, 7, 20, 30, 50, 100] as const
const PROCESSES = 3

/** Schedules by a simulated clock: every limit of the roles and some smaller ones, in windows of a minute. */
export function simulatedSchedules(prefix: string, count: number, seed: number): readonly Schedule[] {
  return Array.from({ length: count }, (_, index) => {
    const random = randomFrom(seed + index)
    const limit = LIMITS[Math.floor(random() * LIMITS.length)] ?? 1
    const callsPerProcess = 8 + Math.ceil(((1 + random()) * limit) / PROCESSES)
    return {
      key: `${prefix}:${index}`,
      seed: seed + index,
      limit: { name: 'schedule', limit, windowMs: 60_000 },
      callsPerProcess,
      isSetBack: random() < 0.25,
    }
  })
}

/** Schedules by the real clock, with windows as long as they are told. */
export function realSchedules(
  prefix: string,
  count: number,
  seed: number,
  windowMs: number,
): readonly Schedule[] {
  return simulatedSchedules(prefix, count, seed).map((one) => {
    return { ...one, limit: { ...one.limit, limit: Math.min(one.limit.limit, 20), windowMs } }
  })
}

/** What passes before the next call: mostly nothing or little, at times up to the edge of the window or beyond it. */
export function stepOf({ limit, isSetBack }: Schedule, random: () => number): TimeStep {
  const windowMicros = limit.windowMs * 1000
  const back = isSetBack && random() < 0.05 ? -Math.floor(random() * 3 * windowMicros) : 0
  return { micros: Math.floor(microsOf(windowMicros, limit.limit, random)), jumpMicros: back }
}

function microsOf(windowMicros: number, limit: number, random: () => number): number {
  const kind = random()
  if (kind < 0.5) return 0
  if (kind < 0.85) return random() * (windowMicros / limit)
  if (kind < 0.95) return random() * windowMicros * 0.3
  return windowMicros + Math.round(random() * 4 - 2)
}
