import { EventEmitter } from 'node:events'
import OpossumBreaker from 'opossum'
import {
  answering,
  type Contender,
  failing,
  failOften,
  ignore,
  type Path,
  type Prepared,
} from '../contender.ts'

type Options = OpossumBreaker.Options

/** As it comes: a timer for each call, percentiles, snapshots. */
export const opossum: Contender = {
  name: 'opossum',
  prepare: (path, windowLength) => prepare(path, windowLength, {}),
  makeMany: (count) => Array.from({ length: count }, () => new OpossumBreaker(answering)),
}

/** With all that costs turned off, and one rotation for all breakers. */
export const opossumLean: Contender = {
  name: 'opossum, lean',
  prepare: (path, windowLength) => prepare(path, windowLength, lean()),
  makeMany: (count) => {
    const options = lean()
    return Array.from({ length: count }, () => new OpossumBreaker(answering, options))
  },
}

function lean(): Options {
  const rotateBucketController = new EventEmitter()
  rotateBucketController.setMaxListeners(0)
  return {
    timeout: false,
    rollingPercentilesEnabled: false,
    enableSnapshots: false,
    rotateBucketController,
  }
}

async function prepare(path: Path, windowLength: number, options: Options): Promise<Prepared | undefined> {
  if (path === 'composed') return undefined
  // It opens above the percentage, so that at 100 it never does.
  const call = path === 'failing' ? failing : answering
  const breaker = new OpossumBreaker(call, { ...options, errorThresholdPercentage: 100 })
  if (path === 'open') breaker.open()
  if (path === 'failing') await failOften(windowLength, () => breaker.fire())
  return {
    operation: path === 'closed' ? () => breaker.fire() : () => breaker.fire().catch(ignore),
    close: () => breaker.shutdown(),
  }
}
