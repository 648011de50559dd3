import { execFile, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AssembledServer, SLOW_START_MS, startAssembledServer } from './testing/assembled-server.ts'

const SCRIPT = join(import.meta.dirname, '..', 'smoke.sh')
const hasCurl = spawnSync('curl', ['--version']).status === 0

describe.skipIf(!hasCurl)('the smoke script', () => {
  let server: AssembledServer

  beforeAll(async () => {
    server = await startAssembledServer({ environment: { RATE_LIMITS: 'admin=100000,anonymous=5' } })
  }, SLOW_START_MS)
  afterAll(() => server.stop())

  it(
    'finds all as it must be',
    async () => {
      const env = { ...process.env, USERNAME: 'admin@acme', PASSWORD: server.password }
      const { code, said } = await new Promise<{ code: unknown; said: string }>((resolve) => {
        execFile('sh', [SCRIPT, server.address], { env }, (error, stdout, stderr) =>
          resolve({ code: error?.code ?? 0, said: `${stdout}${stderr}` }),
        )
      })
      expect(said).not.toContain('WRONG')
      expect(code).toBe(0)
    },
    SLOW_START_MS,
  )
})
