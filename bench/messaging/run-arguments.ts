import { parseArgs } from 'node:util'

/** What a run of the benchmark does. */
export interface RunArguments {
  readonly rounds: number
  /** Times the jobs of each contender. */
  readonly scale: number
  readonly latencySeconds: number
  /** Parts of the names of contenders; empty: all. */
  readonly only: readonly string[]
}

/** Reads the arguments of the command line; throws on what it does not know. */
export function readRunArguments(given: readonly string[]): RunArguments {
  const { values } = parseArgs({
    args: [...given],
    options: {
      rounds: { type: 'string', default: '5' },
      scale: { type: 'string', default: '1' },
      latency: { type: 'string', default: '1.5' },
      only: { type: 'string', default: '' },
    },
  })
  return {
    rounds: positive('rounds', values.rounds),
    scale: positive('scale', values.scale),
    latencySeconds: positive('latency', values.latency),
    only: values.only.split(',').filter((one) => one !== ''),
  }
}

function positive(name: string, text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new RangeError(`--${name} takes a positive number, not ${text}`)
  return value
}
