import { rounded } from '../rounded.ts'

/** A figure that we aim at. Nothing depends on whether it is reached: machines differ. */
interface Aim {
  readonly who: string
  readonly goal: number
  /** Whose jobs/s the goal is a multiple of; absent: the goal is jobs/s. */
  readonly times?: string
}

const AIMS: readonly Aim[] = [
  { who: 'JetStreamBroker', goal: 0.8, times: 'raw @nats-io client' },
  { who: 'JetStreamBroker', goal: 1.7, times: 'BullMQ' },
  { who: 'JetStreamBroker, sync always', goal: 1, times: 'BullMQ, always' },
  { who: 'SqlBroker', goal: 10_000 },
  { who: 'SqlBroker', goal: 1.4, times: 'BullMQ, always' },
  { who: 'SqlBroker', goal: 6, times: 'pg-boss' },
  { who: 'SqlBroker', goal: 9, times: 'graphile-worker' },
  { who: 'SqlBroker on PGlite', goal: 5000 },
]

/** A line for each aim: the goal, what was reached, and whether that is enough. */
export function aimLines(jobsPerSecond: ReadonlyMap<string, number>): readonly string[] {
  return AIMS.map(({ who, goal, times }) => {
    const figure =
      (jobsPerSecond.get(who) ?? Number.NaN) / (times ? (jobsPerSecond.get(times) ?? Number.NaN) : 1)
    const bound = `${who} ≥ ${goal.toLocaleString('en')} ${times === undefined ? 'jobs/s' : `× ${times}`}`
    if (Number.isNaN(figure)) return `not measured  ${bound}`
    return `${figure >= goal ? 'reached     ' : 'missed      '}  ${bound}: ${rounded(figure)}`
  })
}
