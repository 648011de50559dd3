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

it('leaves no wait behind when the last handler goes while a client is asked for', async () => {
  const { clock, asked, client, scripted, listener } = open()
  const handler = (): void => {}
  await listener.add('news', handler)
  let refuse: (error: Error) => void = () => {}
  scripted.connect = () =>
    new Promise((_resolve, reject) => {
      refuse = reject
    })
  client.emit('error', new Error('lost'))
  await clock.advance(100)
  expect(asked).toHaveLength(2)
  listener.remove('news', handler)
  refuse(new Error('away'))
  await clock.advance(0)
  expect(clock.pendingCount).toBe(0)
})
