import { Duplex } from 'node:stream'
import { RecordingLogger } from '@golden-arch/core/observability/testing'
import { FakeClock } from '@golden-arch/core/time/testing'
import { expect, it } from 'vitest'
import { EgressGate } from '../../egress/egress-gate.ts'
import { resolveEgressOptions } from '../../egress/egress-options.ts'
import { relayFrame } from '../../egress/relay-frames.ts'
import { startContainerRelay } from './container-relay.ts'
import type { DockerContainer } from './docker-client.ts'
import { EngineCalls } from './engine-calls.ts'

/** What the engine puts before each piece that a relay writes. */
function framed(data: Buffer): Buffer {
  const head = Buffer.alloc(8)
  head[0] = 1
  head.writeUInt32BE(data.length, 4)
  return Buffer.concat([head, data])
}

it('cuts a relay off that asks and asks, and never takes an answer', async () => {
  // What a process that was stopped has of its standard input: nothing is taken, and all that is written waits.
  const stream = new Duplex({ read() {}, write() {} })
  // Safe: of a container this one member is asked for.
  const container = { exec: async () => ({ start: async () => stream }) } as unknown as DockerContainer
  const clock = new FakeClock()
  const egress = resolveEgressOptions({ allow: ['a.test:80'], maxConnections: 2 })
  const attempts: unknown[] = []
  const logger = new RecordingLogger()
  const starting = startContainerRelay(
    container,
    new EngineCalls(clock, 1000),
    { language: 'python', interpreter: 'python3' },
    (way) =>
      new EgressGate({
        ...{ egress, clock, sandbox: 'one', logger, ...way },
        onAttempt: (attempt) => attempts.push(attempt),
      }),
  )
  stream.push(framed(Buffer.from([0x52, 0, 0, 0, 0])))
  const gate = await starting
  for (let id = 1; id <= 60_000; id++) gate.push(relayFrame('open', id))
  expect(stream.writableEnded).toBe(true)
  expect(stream.writableLength).toBeLessThan(20_000)
  expect(attempts).toEqual([])
  expect(logger.lines).toEqual([
    {
      level: 'warn',
      message: 'sandbox egress closed',
      fields: { sandbox: 'one', breach: expect.any(String) },
    },
  ])
  gate.close()
})
