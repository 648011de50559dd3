import promClient from 'prom-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Health } from './health.ts'
import { callServer } from './testing/server-client.ts'
import { startWatchListener, type WatchListener } from './watch-listener.ts'

describe('the listener of those who watch', () => {
  let isUp = true
  let listener: WatchListener
  const health = new Health({
    database: async () => {
      if (!isUp) throw new Error('gone')
    },
  })
  const registry = new promClient.Registry()
  new promClient.Gauge({ name: 'active_tasks', help: 'x', registers: [registry] }).set(3)

  beforeAll(async () => {
    listener = await startWatchListener({ host: '127.0.0.1', port: 0, health, registry })
  })
  afterAll(() => listener.close())

  const get = (path: string): ReturnType<typeof callServer> => callServer(listener.address, 'GET', path)

  it('tells metrics and health without a sign-in', async () => {
    const { status, text, headers } = await get('/metrics')
    expect(status).toBe(200)
    expect(text).toMatch(/^active_tasks 3$/m)
    expect(headers.get('content-type')).toBe(registry.contentType)
    expect(await get('/health')).toMatchObject({ status: 200, body: { status: 'healthy' } })
    expect(await get('/health/live')).toMatchObject({ status: 200 })
    expect(await get('/health/ready?verbose')).toMatchObject({ status: 200 })
  })

  it('is not ready without a database, and lives all the same', async () => {
    isUp = false
    await expect.poll(async () => (await get('/health/ready')).status).toBe(503)
    expect(await get('/health')).toMatchObject({ status: 503, body: { status: 'unhealthy' } })
    expect(await get('/health/live')).toMatchObject({ status: 200 })
    isUp = true
    await expect.poll(async () => (await get('/health/ready')).status).toBe(200)
  })

  it('has nothing else', async () => {
    expect(await get('/api/v1/tasks')).toMatchObject({ status: 404 })
    expect(await callServer(listener.address, 'POST', '/metrics')).toMatchObject({ status: 404 })
  })
})
