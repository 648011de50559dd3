import { rounded } from '../rounded.ts'
import type { IdleCost } from './idle-cost.ts'

/** The median figures of a run. */
export interface Figures {
  /** Nanoseconds of processor time for each call, by path and contender; NaN where not measured. */
  nanosOf(path: string, contender: string): number
  idleOf(contender: string): IdleCost | undefined
}

/** A figure that we aim at. Nothing depends on whether it is reached: machines differ. */
interface Aim {
  readonly what: string
  readonly goal: number
  /** Whether less is better. */
  readonly isUpperBound: boolean
  reached(figures: Figures): number | undefined
}

const OURS = 'golden-arch'

const AIMS: readonly Aim[] = [
  cheaper('closed', 'cockatiel', 1.7),
  cheaper('closed', 'opossum, lean', 4),
  cheaper('composed', 'cockatiel', 5),
  cheaper('composed', 'cockatiel, abortOnReturn: false', 5),
  {
    what: '× the cost of a failure with 1000 calls in the window, with 20000',
    goal: 1.3,
    isUpperBound: true,
    reached: ({ nanosOf }) =>
      nanosOf('failing, 20000', 'golden-arch, failure rate') /
      nanosOf('failing, 1000', 'golden-arch, failure rate'),
  },
  {
    what: 'bytes for each of 10000 idle breakers',
    goal: 512,
    isUpperBound: true,
    reached: ({ idleOf }) => idleOf(OURS)?.bytes,
  },
  {
    what: 'timers for each of them',
    goal: 0,
    isUpperBound: true,
    reached: ({ idleOf }) => idleOf(OURS)?.timers,
  },
]

/** A line for each aim: the goal, what was reached, and whether that is enough. */
export function aimLines(figures: Figures): readonly string[] {
  return AIMS.map(({ what, goal, isUpperBound, reached }) => {
    const figure = reached(figures)
    const bound = `${isUpperBound ? '≤' : '≥'} ${goal.toLocaleString('en')} ${what}`
    if (figure === undefined || Number.isNaN(figure)) return `not measured  ${bound}`
    const isReached = isUpperBound ? figure <= goal : figure >= goal
    return `${isReached ? 'reached     ' : 'missed      '}  ${bound}: ${rounded(figure)}`
  })
}

function cheaper(path: string, peer: string, goal: number): Aim {
  return {
    what: `× cheaper than ${peer}, ${path}`,
    goal,
    isUpperBound: false,
    reached: ({ nanosOf }) => nanosOf(path, peer) / nanosOf(path, OURS),
  }
}
