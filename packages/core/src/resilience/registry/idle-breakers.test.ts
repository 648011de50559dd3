import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const PROCESS = fileURLToPath(new URL('testing/idle-breakers-process.ts', import.meta.url))

it('ten thousand idle breakers cost no timer and less than 512 bytes each', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--expose-gc',
    '--conditions=golden-arch-source',
    PROCESS,
    '10000',
  ])
  const measured = JSON.parse(stdout) as { bytesEach: number; timers: number; circuits: number }
  expect(measured).toMatchObject({ timers: 0, circuits: 10_000 })
  expect(measured.bytesEach).toBeLessThan(512)
})
