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
  const registry = { contentType: 'text/plain; version=0.0.4', metrics: async () => 'active_tasks 3\n' }

  beforeAll(async () => {
    listener = await startWatchListener({ host: '127.0.0.1', port: 0, health, registry })
  })
  afterAll(() => listener.close())

  const get = (path: string): ReturnType<typeof callServer> => callServer(listener.address, 'GET', path)

  it('tells metrics and health without a sign-in', async () => {
    const { status, text, headers } = await get('/metrics')
    expect([status, text]).toEqual([200, 'active_tasks 3\n'])
    expect(headers.get('content-type')).toBe('text/plain; version=0.0.4')
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
