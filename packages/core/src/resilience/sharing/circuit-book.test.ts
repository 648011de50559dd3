import { expect, it } from 'vitest'
import type { CoordinatedCircuit, RemoteDecision } from '../circuit-coordinator.ts'
import { CircuitBook } from './circuit-book.ts'
import type { CircuitRecord } from './circuit-record.ts'

const OPEN: CircuitRecord = {
  ...{ epoch: 5, status: 'open', reopenAtMs: 1000, recoveryTimeoutMs: 1000, cause: 'tripped' },
  ...{ reason: 'r', failureCount: 5, isOwn: false, revision: 1, writtenEpoch: 0 },
}
const CLOSED: CircuitRecord = { ...OPEN, status: 'closed' }

function circuit(name: string): CoordinatedCircuit & { readonly told: RemoteDecision[] } {
  const told: RemoteDecision[] = []
  return {
    ...{ name, told, state: { status: 'closed', generation: 0 } },
    applyRemote: (decision) => told.push(decision) > 0,
  }
}

it('remembers a bounded number of closed circuits, those that closed last', () => {
  const book = new CircuitBook()
  for (let index = 0; index < 3000; index++) book.set(`circuit-${index}`, CLOSED)
  expect(book.get('circuit-0')).toBeUndefined()
  expect(book.get('circuit-2999')).toBe(CLOSED)
  expect(book.watched.size).toBe(0)
})

it('of more circuits than it can hold, forgets those that are not here', () => {
  const book = new CircuitBook()
  const here = circuit('here')
  book.join(here, 0)
  book.apply('here', OPEN, 0)
  for (let index = 0; index < 12_000; index++) book.set(`elsewhere-${index}`, OPEN)
  expect(book.watched.size).toBe(10_000)
  expect(book.get('here')).toBe(OPEN)
})

it('watches a closed circuit until all agree that it is', () => {
  const book = new CircuitBook()
  book.set('x', { ...CLOSED, isOwn: true })
  expect([...book.watched.keys()]).toEqual(['x'])
  book.set('x', CLOSED)
  expect(book.watched.size).toBe(0)
})

it('forgets a pattern with the order that a person gave for it', () => {
  const book = new CircuitBook()
  book.set('openai/*', { ...OPEN, status: 'forced-open', cause: 'forced' })
  expect(book.orderFor('openai/gpt')?.status).toBe('forced-open')
  book.forgetUnlessJoined('openai/*')
  expect(book.orderFor('openai/gpt')).toBeUndefined()
  expect(book.heldPatterns).toEqual([])
})

it('tells a circuit what is known of it when it joins, and nothing once it has left', () => {
  const book = new CircuitBook()
  book.set('x', OPEN)
  const x = circuit('x')
  book.join(x, 400)
  expect(x.told).toEqual([{ epoch: 5, status: 'open', remainingMs: 600, reason: 'r' }])
  book.leave('x')
  book.apply('x', CLOSED, 500)
  expect(x.told).toHaveLength(1)
})
