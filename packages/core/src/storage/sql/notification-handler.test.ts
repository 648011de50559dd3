import { AsyncLocalStorage } from 'node:async_hooks'
import { expect, it } from 'vitest'
import { RecordingLogger } from '../../observability/testing/index.ts'
import { notificationHandler } from './notification-handler.ts'

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

it('calls the handler in the context of its subscriber, not of the sender', async () => {
  const context = new AsyncLocalStorage<string>()
  const seen: unknown[] = []
  const handler = (payload: string): unknown => seen.push([payload, context.getStore()])
  const call = context.run('subscriber', () => notificationHandler('c', handler, new RecordingLogger()))
  context.run('sender', () => call('hello'))
  expect(seen).toEqual([])
  await settle()
  expect(seen).toEqual([['hello', 'subscriber']])
})

it('logs what a handler throws, with the channel', async () => {
  const logger = new RecordingLogger()
  const failure = new Error('on purpose')
  const failing = (): void => {
    throw failure
  }
  notificationHandler('c', failing, logger)('hello')
  await settle()
  expect(logger.lines).toEqual([
    { level: 'error', fields: { err: failure, channel: 'c' }, message: 'notification handler failed' },
  ])
})
