import { expect, it } from 'vitest'
import { silentTracer } from './silent.ts'

it('the silent tracer only does the work', async () => {
  const work = Promise.resolve(7)
  expect(silentTracer.trace('work', {}, () => work)).toBe(work)
  const span = silentTracer.startSpan('work')
  expect(span.run(() => 3)).toBe(3)
  expect([span.context, span.isRecording, silentTracer.activeContext()]).toEqual([null, false, null])
})

it('the silent tracer hides no error', async () => {
  await expect(silentTracer.trace('work', {}, () => Promise.reject(new Error('mine')))).rejects.toThrow(
    'mine',
  )
})
