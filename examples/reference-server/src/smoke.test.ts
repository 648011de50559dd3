import { execFile, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type AssembledServer, SLOW_START_MS, startAssembledServer } from './testing/assembled-server.ts'

const SCRIPT = join(import.meta.dirname, '..', 'smoke.sh')
const hasCurl = spawnSync('curl', ['--version']).status === 0

describe.skipIf(!hasCurl)('the smoke script', () => {
  let server: AssembledServer

  beforeEach(async () => {
    server = await startAssembledServer({ environment: { RATE_LIMITS: 'admin=100000,anonymous=5' } })
  }, SLOW_START_MS)
  afterEach(() => server.stop())

  const smoke = (password: string): Promise<{ readonly code: unknown; readonly said: string }> => {
    const env = { ...process.env, USERNAME: 'admin@acme', PASSWORD: password }
    return new Promise((resolve) => {
      execFile('sh', [SCRIPT, server.address], { env }, (error, stdout, stderr) =>
        resolve({ code: error?.code ?? 0, said: `${stdout}${stderr}` }),
      )
    })
  }

  it('says no more than that where it cannot sign in', async () => {
    const { code, said } = await smoke('wrong')
    expect(said.match(/WRONG/g)).toHaveLength(1)
    expect(said).toContain('not signed in as admin@acme')
    expect(code).toBe(1)
  })

  it(
    'finds all as it must be, and leaves what people hold as it is',
    async () => {
      const { breakers } = server.system
      breakers.get('localhost:4000/model')
      breakers.get('held')
      breakers.forceOpen('held', { actor: { id: 'ada', kind: 'human' }, reason: 'an outage' })
      const { code, said } = await smoke(server.password)
      expect(said).not.toContain('WRONG')
      expect(said).toContain('ok    a circuit breaker is reset: localhost%3A4000%2Fmodel')
      expect(breakers.list('held')).toMatchObject([{ state: { reason: 'an outage' } }])
      expect(code).toBe(0)
    },
    SLOW_START_MS,
  )
})
