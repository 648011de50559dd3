import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'

const FILE = join(import.meta.dirname, 'health-check.ts')
let server: Server | undefined

afterEach(() => {
  server?.close()
  server = undefined
})

/** Listens, answers `/health/live` with a status and all else with 404, and gives the port. */
async function listen(status: number): Promise<string> {
  server = createServer((request, response) => {
    response.writeHead(request.url === '/health/live' ? status : 404).end()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  // A TCP server that listens has an AddressInfo.
  return String((server.address() as AddressInfo).port)
}

async function exitCode(environment: Readonly<Record<string, string>>): Promise<unknown> {
  const child = spawn(process.execPath, [FILE], { env: environment, stdio: 'ignore' })
  const [code] = await once(child, 'exit')
  return code
}

it.each([
  ['METRICS_PORT', '0.0.0.0'],
  ['PORT', '127.0.0.1'],
  ['PORT', ''],
])('the check of an image asks on %s, where HOST is %j', async (name, HOST) => {
  expect(await exitCode({ [name]: await listen(200), HOST })).toBe(0)
})

it('asks those who watch before it asks the API', async () => {
  expect(await exitCode({ METRICS_PORT: await listen(200), PORT: '1' })).toBe(0)
})

it('finds out what does not live', async () => {
  const port = await listen(503)
  expect(await exitCode({ METRICS_PORT: port })).toBe(1)
})

it('finds out what does not listen', async () => {
  const port = await listen(200)
  await new Promise((resolve) => server?.close(resolve))
  expect(await exitCode({ METRICS_PORT: port })).toBe(1)
})
