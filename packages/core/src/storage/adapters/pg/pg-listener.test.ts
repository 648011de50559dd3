import { EventEmitter } from 'node:events'
import { afterEach, expect, it, vi } from 'vitest'
import { RecordingLogger } from '../../../observability/testing/index.ts'
import { FakeClock } from '../../../time/testing/index.ts'
import { PgListener } from './pg-listener.ts'
import type { PgPoolClient } from './pg-pool.ts'

afterEach(() => void vi.restoreAllMocks())

/** A listener whose clients the test gives; `asked` is when it wanted one. */
function open() {
  const clock = new FakeClock()
  const logger = new RecordingLogger()
  const asked: number[] = []
  const client = Object.assign(new EventEmitter(), { query: vi.fn(), release: vi.fn() })
  const scripted = {
    connect: async (): Promise<PgPoolClient> => client,
    send: async (_text: string): Promise<void> => {},
  }
  const listener = new PgListener({
    ...{ clock, logger },
    connect: () => {
      asked.push(clock.monotonicMs())
      return scripted.connect()
    },
    send: (_client, text) => scripted.send(text),
  })
  return { clock, logger, asked, client, scripted, listener }
}

it('asks for a lost client anew after waits that double up to half a minute, and says why it has none', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0.5)
  const { clock, logger, asked, client, scripted, listener } = open()
  await listener.add('news', () => {})
  const away = new Error('away')
  scripted.connect = () => Promise.reject(away)
  client.emit('error', new Error('lost'))
  await clock.advance(120_000)
  const waits = asked.map((atMs, index) => atMs - (asked[index - 1] ?? 0))
  expect(waits).toEqual([0, 75, 150, 300, 600, 1200, 2400, 4800, 9600, 19_200, 22_500, 22_500, 22_500])
  expect(logger.lines.at(-1)).toEqual({
    level: 'warn',
    fields: { err: away },
    message: 'notification connection not yet back',
  })
})

it('asks for none when the connection fails under a LISTEN that nobody waits for any more', async () => {
  const { clock, asked, scripted, listener } = open()
  let fail: (error: Error) => void = () => {}
  scripted.send = () =>
    new Promise((_resolve, reject) => {
      fail = reject
    })
  const handler = (): void => {}
  const added = expect(listener.add('news', handler)).rejects.toThrow('lost')
  await clock.advance(0)
  listener.remove('news', handler)
  fail(new Error('lost'))
  await added
  expect([asked.length, clock.pendingCount]).toEqual([1, 0])
})
