import { expect, test, vi } from 'vitest'
import { FakeClock } from '../../time/testing/index.ts'
import { llmRetry } from './llm-retry.ts'
import { retryReportOf } from './retry-report.ts'
import { startStream } from './start-stream.ts'

const overloaded = (): Error =>
  Object.assign(new Error('overloaded'), { error: { type: 'overloaded_error' } })

/** Lets what was begun come to its first pause, then a minute pass. */
async function passOn(clock: FakeClock, ms = 60_000): Promise<void> {
  await clock.advance(0)
  await clock.advance(ms)
}

/** A stream of these chunks, which may end with a failure. */
async function* stream(chunks: readonly string[], error?: Error): AsyncGenerator<string> {
  for (const chunk of chunks) yield chunk
  if (error !== undefined) throw error
}

async function read(chunks: AsyncIterable<string>): Promise<string> {
  let text = ''
  for await (const chunk of chunks) text += chunk
  return text
}

test('a stream that fails before its first chunk is started again', async () => {
  const clock = new FakeClock()
  const call = vi.fn(() =>
    startStream(call.mock.calls.length === 1 ? stream([], overloaded()) : stream(['a', 'b'])),
  )
  const started = llmRetry({ clock }).execute(call)
  await passOn(clock)
  await expect(read(await started)).resolves.toBe('ab')
  expect(call).toHaveBeenCalledTimes(2)
})

test('a stream that fails after its first chunk is not started again, also when it is read inside the call', async () => {
  const clock = new FakeClock()
  const call = vi.fn(async () => read(await startStream(stream(['a'], overloaded()))))
  const caught = llmRetry({ clock })
    .execute(call)
    .catch((error: unknown) => error)
  await passOn(clock)
  expect(retryReportOf(await caught)).toEqual({ attempts: 1, reason: 'final' })
  expect(call).toHaveBeenCalledTimes(1)
})

test('a reader that leaves early ends the source, before and after the first chunk', async () => {
  for (const steps of [0, 1, 2]) {
    const source = stream(['a', 'b', 'c'])
    const ended = vi.spyOn(source, 'return')
    const started = await startStream(source)
    for (let step = 0; step < steps; step++) await started.next()
    await started.return?.()
    expect(ended).toHaveBeenCalledTimes(1)
    await expect(started.next()).resolves.toMatchObject({ done: true })
  }
})

test('an empty stream stays one', async () => {
  await expect(read(await startStream(stream([])))).resolves.toBe('')
})
