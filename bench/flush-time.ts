import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const FLUSHES = 101

/** The median time, in milliseconds, that this machine's disk takes to make 8 KiB durable. Every figure hangs on it. */
export async function medianFlushMs(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'flush-'))
  const file = await open(join(folder, 'log'), 'w')
  try {
    const block = Buffer.alloc(8192)
    await file.write(Buffer.alloc(block.length * FLUSHES))
    await file.sync()
    const times: number[] = []
    for (let index = 0; index < FLUSHES; index++) {
      await file.write(block, 0, block.length, index * block.length)
      const startedAt = performance.now()
      await file.datasync()
      times.push(performance.now() - startedAt)
    }
    return times.sort((left, right) => left - right)[Math.floor(FLUSHES / 2)] ?? Number.NaN
  } finally {
    await file.close()
    await rm(folder, { recursive: true })
  }
}
