import { rounded } from '../rounded.ts'
import type { Shape } from './contender.ts'

/** The median figures of one contender in one shape with so many callers. */
export interface Figures {
  readonly contender: string
  readonly shape: Shape
  readonly callers: number
  readonly pairsPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly cpuMicros: number
  /** Undefined where PostgreSQL takes no part. */
  readonly flushesPerPair: number | undefined
}

/** A figure that we aim at. Nothing depends on whether it is reached: machines differ. */
interface Aim {
  readonly what: string
  readonly goal: number
  /** Whether less is better. Default false. */
  readonly isUpperBound?: boolean
  reached(find: Find): number | undefined
}

type Find = (contender: string, callers: number, shape?: Shape) => Figures | undefined

const OURS = 'golden-arch'

const AIMS: readonly Aim[] = [
  aimedPairs('pairs/s, one budget, 512 callers', OURS, 512, 40_000),
  aimedRatio('× (1) at 512', '1 SELECT FOR UPDATE', 512, 45),
  aimedRatio('× (3) at 512', '3 Redis before 2', 512, 30),
  aimedRatio('× (4), which is not durable, at 512', '4 Redis script', 512, 1),
  aimedPairs('pairs/s, one budget, 64 callers', OURS, 64, 20_000),
  aimedRatio('× (1) at 64', '1 SELECT FOR UPDATE', 64, 20),
  {
    what: '× one level with four levels, 512 callers',
    goal: 0.9,
    reached: (find) => divide(find(OURS, 512, '4 levels')?.pairsPerSecond, find(OURS, 512)?.pairsPerSecond),
  },
  {
    what: 'µs of processor for each pair, 512 callers',
    goal: 30,
    isUpperBound: true,
    reached: (find) => find(OURS, 512)?.cpuMicros,
  },
  aimedPairs('pairs/s on PGlite, one budget, 512 callers', 'golden-arch on PGlite', 512, 20_000),
  {
    what: '× (2) in the p50 of a single caller',
    goal: 1.2,
    isUpperBound: true,
    reached: (find) => divide(find(OURS, 1)?.p50Ms, find('2 one statement', 1)?.p50Ms),
  },
]

/** A line for each aim: the goal, what was reached, and whether that is enough. */
export function aimLines(all: readonly Figures[]): readonly string[] {
  const find: Find = (contender, callers, shape = 'one budget') =>
    all.find((one) => one.contender === contender && one.callers === callers && one.shape === shape)
  return AIMS.map(({ what, goal, isUpperBound = false, reached }) => {
    const figure = reached(find)
    const bound = `${isUpperBound ? '≤' : '≥'} ${goal.toLocaleString('en')} ${what}`
    if (figure === undefined) return `not measured  ${bound}`
    const isReached = isUpperBound ? figure <= goal : figure >= goal
    return `${isReached ? 'reached     ' : 'missed      '}  ${bound}: ${rounded(figure)}`
  })
}

function aimedPairs(what: string, contender: string, callers: number, goal: number): Aim {
  return { what, goal, reached: (find) => find(contender, callers)?.pairsPerSecond }
}

function aimedRatio(what: string, peer: string, callers: number, goal: number): Aim {
  return {
    what,
    goal,
    reached: (find) => divide(find(OURS, callers)?.pairsPerSecond, find(peer, callers)?.pairsPerSecond),
  }
}

function divide(left: number | undefined, right: number | undefined): number | undefined {
  return left === undefined || right === undefined ? undefined : left / right
}
