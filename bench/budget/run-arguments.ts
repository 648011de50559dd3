import { parseArgs } from 'node:util'
import type { Shape } from './contender.ts'

/** What a run of the benchmark does. */
export interface RunArguments {
  readonly rounds: number
  readonly seconds: number
  readonly callers: readonly number[]
  readonly shapes: readonly Shape[]
  /** Parts of the names of contenders; empty: all. */
  readonly only: readonly string[]
  readonly connections: number
}

const SHAPES: readonly Shape[] = ['one budget', '1000 budgets', '4 levels']

/** Reads the arguments of the command line; throws on what it does not know. */
export function readRunArguments(given: readonly string[]): RunArguments {
  const { values } = parseArgs({
    args: [...given],
    options: {
      rounds: { type: 'string', default: '7' },
      seconds: { type: 'string', default: '3' },
      callers: { type: 'string', default: '64,512' },
      shapes: { type: 'string', default: SHAPES.join(',') },
      only: { type: 'string', default: '' },
      connections: { type: 'string', default: '10' },
    },
  })
  return {
    rounds: positive('rounds', values.rounds),
    seconds: positive('seconds', values.seconds),
    callers: values.callers.split(',').map((one) => positive('callers', one)),
    shapes: values.shapes.split(',').map((one) => {
      const shape = SHAPES.find((known) => known === one)
      if (shape === undefined) throw new RangeError(`--shapes takes ${SHAPES.join(', ')}; not ${one}`)
      return shape
    }),
    only: values.only.split(',').filter((one) => one !== ''),
    connections: positive('connections', values.connections),
  }
}

function positive(name: string, text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new RangeError(`--${name} takes a positive number, not ${text}`)
  return value
}
