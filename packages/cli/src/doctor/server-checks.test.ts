import { expect, test, vi } from 'vitest'
import { CliError } from '../cli-error.ts'
import { callCli } from '../testing/called-cli.ts'

// No folder of this repository lacks them.
vi.mock(import('../clients/load-client.ts'), async (original) => ({
  ...(await original()),
  loadClient: async (name: string) => {
    throw new CliError({ code: 'CLIENT_MISSING', message: `${name} is missing`, details: { package: name } })
  },
}))

test('a client that is not installed is named with what installs it', async () => {
  const { exitCode, document } = await callCli(['doctor', '--json'], {
    environment: { REDIS_URL: 'redis://127.0.0.1:1', DOCKER_HOST: 'unix:///nowhere.sock' },
  })
  expect(exitCode).toBe(3)
  expect(document.result.findings).toContainEqual({
    check: 'redis.client',
    status: 'unreachable',
    message: 'ioredis is missing',
    fix: 'npm install ioredis',
  })
  expect(document.result.counts).toMatchObject({ ok: 0, unreachable: 1 })
})
