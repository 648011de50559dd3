/**
 * Proves that any answer is answered: random, mutated and noisy texts are read and no sentence of the answer properties
 * breaks, nothing throws, and nothing hangs: a watcher ends the proof when one reading takes longer than a minute.
 * Usage: node --conditions=golden-arch-source tools/prove/validation-fuzz.ts [inputs, default 1000000] [seed]
 */
import { isMainThread, workerData } from 'node:worker_threads'
import { answerProperties } from '../../packages/core/src/validation/testing/answer-properties.ts'
import { runWatched } from '../fuzz/watched-worker.ts'

/** What the watcher and the reader share: readings done, the property that is tried, longest reading in microseconds. */
interface Shared {
  readonly counts: Int32Array
  readonly inputs: number
  readonly seed: number
}

const READINGS = 0
const PROPERTY = 1
const LONGEST_MICROS = 2

if (isMainThread) await watch()
else tryAll(workerData as Shared)

async function watch(): Promise<void> {
  const inputs = Number(process.argv[2] ?? 1_000_000)
  const seed = Number(process.argv[3] ?? Date.now() % 1_000_000_000)
  if (!(inputs > 0)) throw new RangeError(`the number of inputs must be positive, not ${process.argv[2]}`)
  console.log(`${inputs} inputs, seed ${seed}`)
  const counts = new Int32Array(new SharedArrayBuffer(12))
  const shared: Shared = { counts, inputs, seed }
  await runWatched(new URL(import.meta.url), shared, () => sentenceAt(Atomics.load(counts, PROPERTY)))
  console.log(
    `${Atomics.load(counts, READINGS)} readings, the longest ${Atomics.load(counts, LONGEST_MICROS)} µs`,
  )
}

function tryAll({ counts, inputs, seed }: Shared): void {
  const properties = answerProperties((_text, read) => {
    const startedAt = process.threadCpuUsage()
    const result = read()
    const { user, system } = process.threadCpuUsage(startedAt)
    if (user + system > Atomics.load(counts, LONGEST_MICROS))
      Atomics.store(counts, LONGEST_MICROS, user + system)
    Atomics.add(counts, READINGS, 1)
    return result
  })
  for (const [index, { sentence, assert }] of properties.entries()) {
    Atomics.store(counts, PROPERTY, index)
    try {
      assert({ numRuns: Math.ceil(inputs / properties.length), seed })
      console.log(`held: ${sentence}`)
    } catch (error) {
      process.exitCode = 1
      console.error(`BROKEN: ${sentence}\n${error instanceof Error ? error.message : String(error)}`)
    }
  }
}

function sentenceAt(index: number): string {
  return answerProperties()[index]?.sentence ?? ''
}
