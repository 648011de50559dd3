import { describe, expect, it } from 'vitest'
import type { Tracer } from '../tracer.ts'
import type { RecordedSpan } from './recording-tracer.ts'

/** A {@link Tracer} under test, and a way to read what it holds. */
export interface TracerUnderTest {
  readonly tracer: Tracer
  /** The ended spans of that name. */
  read(name: string): readonly Omit<RecordedSpan, 'isEnded'>[]
}

const REMOTE = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }

/** Registers the tests that every {@link Tracer} must pass; `open` gives a fresh one each time. */
export function describeTracerContract(title: string, open: () => TracerUnderTest): void {
  describe(`${title} as Tracer`, () => {
    it('keeps name, kind and attributes of a span', () => {
      const { tracer, read } = open()
      const span = tracer.startSpan('send', { kind: 'producer', attributes: { size: 3 } })
      span.setAttributes({ outcome: 'stored', isReplay: false })
      span.setStatus('ok')
      expect(read('send')).toEqual([])
      span.end()
      expect(read('send')).toMatchObject([
        { kind: 'producer', attributes: { size: 3, outcome: 'stored', isReplay: false }, status: 'ok' },
      ])
    })

    it('is internal and stands at the top where nothing is said', () => {
      const { tracer, read } = open()
      tracer.startSpan('alone').end()
      expect(read('alone')).toMatchObject([
        { kind: 'internal', parentSpanId: null, status: 'unset', links: [] },
      ])
    })

    it('spans started within another stand below it, also after awaiting', async () => {
      const { tracer, read } = open()
      await tracer.trace('outer', {}, async () => {
        await new Promise((resolve) => setImmediate(resolve))
        await tracer.trace('inner', {}, async () => {})
      })
      const [outer] = read('outer')
      expect(read('inner')).toMatchObject([{ parentSpanId: outer?.spanId, traceId: outer?.traceId }])
    })

    it('the active span can be told to other processes, and only while it is active', async () => {
      const { tracer, read } = open()
      expect(tracer.activeContext()).toBeNull()
      const [told, own] = await tracer.trace('work', {}, async (span) => [
        tracer.activeContext(),
        span.context,
      ])
      expect(tracer.activeContext()).toBeNull()
      const [work] = read('work')
      expect(told).toEqual({ traceparent: `00-${work?.traceId}-${work?.spanId}-01` })
      expect(own).toEqual(told)
    })

    it('a span that is not run is not active', () => {
      const { tracer } = open()
      const span = tracer.startSpan('idle')
      expect(tracer.activeContext()).toBeNull()
      expect(span.run(() => tracer.activeContext())).toEqual(span.context)
      span.end()
    })

    it('continues the trace of another process, and links to it', () => {
      const { tracer, read } = open()
      tracer.startSpan('process', { kind: 'consumer', parent: REMOTE, links: [REMOTE] }).end()
      expect(read('process')).toMatchObject([
        {
          traceId: '0af7651916cd43dd8448eb211c80319c',
          parentSpanId: 'b7ad6b7169203331',
          links: ['b7ad6b7169203331'],
        },
      ])
    })

    it('a null or malformed parent starts a trace even within a span', async () => {
      const { tracer, read } = open()
      await tracer.trace('outer', {}, async () => {
        tracer.startSpan('fresh', { parent: null }).end()
        tracer.startSpan('fresh', { parent: { traceparent: 'no such thing' } }).end()
      })
      expect(read('fresh').map((span) => span.parentSpanId)).toEqual([null, null])
      expect(new Set([...read('fresh'), ...read('outer')].map((span) => span.traceId)).size).toBe(3)
    })

    it('a malformed link is left out', () => {
      const { tracer, read } = open()
      tracer.startSpan('linked', { links: [{ traceparent: '' }, REMOTE] }).end()
      expect(read('linked')).toMatchObject([{ links: ['b7ad6b7169203331'] }])
    })

    it('work that rejects fails its span, and the error comes through', async () => {
      const { tracer, read } = open()
      const error = new TypeError('no good')
      await expect(
        tracer.trace('work', {}, async () => {
          throw error
        }),
      ).rejects.toBe(error)
      expect(read('work')).toMatchObject([
        {
          status: 'error',
          statusDescription: 'no good',
          exceptions: ['no good'],
          attributes: { 'error.type': 'TypeError' },
        },
      ])
    })

    it('work that throws at once fails its span as well', async () => {
      const { tracer, read } = open()
      const work = tracer.trace('work', {}, () => {
        throw new RangeError('too far')
      })
      await expect(work).rejects.toThrow('too far')
      expect(read('work')).toMatchObject([{ status: 'error' }])
    })

    it('a recorded exception alone fails nothing, and what has no text is taken too', () => {
      const { tracer, read } = open()
      const span = tracer.startSpan('work')
      span.recordException(new Error('first try'))
      span.recordException(Object.create(null))
      span.end()
      expect(read('work')).toMatchObject([
        { status: 'unset', exceptions: ['first try', 'something without text was thrown'] },
      ])
    })

    it('nothing changes a span that has ended', () => {
      const { tracer, read } = open()
      const span = tracer.startSpan('done')
      span.end()
      span.setAttributes({ late: true })
      span.fail(new Error('late'))
      span.end()
      expect(read('done')).toMatchObject([{ attributes: {}, status: 'unset', exceptions: [] }])
    })
  })
}
