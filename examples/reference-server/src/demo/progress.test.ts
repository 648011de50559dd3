import type { WriteStream } from 'node:tty'
import { createEvent, type EventEnvelope } from '@golden-arch/core/events'
import { describe, expect, it } from 'vitest'
import { liveProgress, plainProgress } from './progress.ts'

const AT = new Date('2026-01-02T03:04:05.000Z')

function event(subject: string, data: object): EventEnvelope {
  return createEvent({ source: 'test', type: 'task.transitioned', tenantId: 'acme', subject, data }, AT)
}

describe('progress on a pipe', () => {
  const lines = (...events: readonly EventEnvelope[]): string[] => {
    const written: string[] = []
    const progress = plainProgress((line) => written.push(line))
    for (const one of events) progress.show(one)
    return written.map((line) => line.replace(/ +/g, ' '))
  }

  it('is a plain line for each change of a root', () => {
    expect(lines(event('line-diff', { kind: 'root', to: 'reviewing', attempts: {} }))).toEqual([
      '03:04:05 line-diff reviewing',
    ])
  })

  it('tells the attempt and the reason', () => {
    const data = {
      kind: 'root',
      to: 'waiting',
      reason: 'tests-failed',
      attempts: { plan: 1, generate: 2 },
    }
    expect(lines(event('t', data))).toEqual(['03:04:05 t waiting tests-failed, attempt 2'])
  })

  it('tells of a part in the line of its root', () => {
    expect(lines(event('t/parse', { kind: 'child', to: 'reviewing', attempts: {} }))).toEqual([
      '03:04:05 t waiting part parse: reviewing',
    ])
  })

  it('passes over remediation tasks and events of another shape', () => {
    expect(lines(event('t/g-2', { kind: 'remediation', to: 'completed' }), event('t', { to: 1 }))).toEqual([])
  })
})

describe('progress on a terminal', () => {
  it('draws one line for each root, in place, no wider than the screen', () => {
    const written: string[] = []
    // The display only writes and asks for the width.
    const stream = { columns: 60, write: (text: string) => written.push(text) } as unknown as WriteStream
    const progress = liveProgress(stream, ['a', 'b'])
    progress.show(event('b', { kind: 'root', to: 'escalated', reason: 'x'.repeat(100), attempts: {} }))
    progress.end()
    expect(written).toHaveLength(2)
    expect(written[1]?.startsWith('\u001b[2A')).toBe(true)
    const shown = (written[1] ?? '')
      .split('\u001b')
      .map((piece) => piece.replace(/^\[\d+[A-Za-z]/, ''))
      .join('')
      .trimEnd()
      .split('\n')
    expect(shown).toHaveLength(2)
    expect(shown[0]).toMatch(/^a +submitted/)
    expect(shown[1]).toMatch(/^b +escalated +x+$/)
    expect(shown[1]?.length).toBeLessThan(60)
  })
})
