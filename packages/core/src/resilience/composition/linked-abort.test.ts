import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { LinkedAbort } from './linked-abort.ts'

const listenersOf = (signal: AbortSignal) => getEventListeners(signal, 'abort').length

test('the signal fires with the one above it, with the same reason, also if that has fired before', () => {
  const parent = new AbortController()
  const link = new LinkedAbort(parent.signal)
  expect(link.signal.aborted).toBe(false)
  parent.abort('enough')
  expect([link.signal.reason, new LinkedAbort(parent.signal).signal.reason]).toEqual(['enough', 'enough'])
})

test('no listener is left above once the attempt has ended, however it ended', () => {
  const parent = new AbortController()
  new LinkedAbort(parent.signal).release()
  new LinkedAbort(parent.signal).release({ text: 'plain' })
  new LinkedAbort(parent.signal).abort('late')
  expect(listenersOf(parent.signal)).toBe(0)
})

test('a stream that was handed out still ends with the signal above', () => {
  const parent = new AbortController()
  const link = new LinkedAbort(parent.signal)
  const { signal } = link
  const stream = new Response('x')
  link.release(stream)
  parent.abort('enough')
  expect([signal.reason, stream.bodyUsed]).toEqual(['enough', false])
})
