import { silentAlertSink } from '@golden-arch/core/observability'
import { expect, test } from 'vitest'
import { type SweepTools, sweepConsumers } from './sweep-consumers.ts'

test('a server that does not answer is waited for once, not for each stream', async () => {
  const asked: string[] = []
  const fail = (name: string): never => {
    asked.push(name)
    throw Object.assign(new Error('timeout'), { name: 'TimeoutError' })
  }
  // All that a sweep asks for before the first answer.
  const manager = { consumers: { list: fail }, streams: { info: fail } } as unknown as SweepTools['manager']
  const client = {} as SweepTools['client']
  const tools = { client, manager, deadLetterStream: 'DLQ', alerts: silentAlertSink, standstills: new Map() }
  await expect(sweepConsumers(tools, ['A', 'B'])).rejects.toMatchObject({
    code: 'DEADLINE_EXCEEDED',
    details: { stream: 'A' },
  })
  expect(asked).toEqual(['A'])
})
