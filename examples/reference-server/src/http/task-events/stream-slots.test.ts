import { expect, it } from 'vitest'
import { StreamSlots } from './stream-slots.ts'

const person = (tenantId: string, id: string) => ({ tenantId, id })
const codeOf = (act: () => unknown): unknown => {
  try {
    act()
    return 'taken'
  } catch (error) {
    return (error as { failure: { status: number; errorCode: string } }).failure
  }
}

it('gives each caller, each tenant and all of them their share, and takes back what is given back', () => {
  const slots = new StreamSlots({ maxStreamsPerCaller: 2, maxStreamsPerTenant: 3, maxStreams: 5 })
  const take = (tenantId: string, id: string) => slots.take(person(tenantId, id))
  const first = take('acme', 'ada')
  take('acme', 'ada')
  expect(codeOf(() => take('acme', 'ada'))).toMatchObject({ status: 429, errorCode: 'TOO_MANY_STREAMS' })
  take('acme', 'bob')
  expect(codeOf(() => take('acme', 'eve'))).toMatchObject({ status: 429, errorCode: 'TOO_MANY_STREAMS' })
  // A tenant's name says nothing of another's, and one caller's of a caller elsewhere.
  take('globex', 'ada')
  take('globex', 'ada')
  expect(codeOf(() => take('initech', 'eve'))).toMatchObject({ status: 503, errorCode: 'STREAMS_EXHAUSTED' })
  first()
  expect(codeOf(() => take('acme', 'eve'))).toBe('taken')
})
