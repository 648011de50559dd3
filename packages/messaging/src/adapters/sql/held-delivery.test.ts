import { expect, test } from 'vitest'
import { HeldDelivery } from './held-delivery.ts'

function hold() {
  const asked: string[] = []
  const message = {
    ...{ stream: 'S', sequence: '1', subject: 'x', messageId: 'm', headers: {} },
    ...{ payload: new Uint8Array(), storedAt: new Date(0) },
  }
  const held = new HeldDelivery({ message, consumer: 'hub', deliveries: 1, leaseId: 'l' }, 100, {
    settle: async (_held, { kind }) => {
      asked.push(kind)
      return true
    },
    renew: async () => {
      asked.push('renew')
    },
  })
  return { held, asked }
}

test('a heartbeat asks for the lease, which is then waited for until it has been renewed', () => {
  const { held, asked } = hold()
  expect(held.isBeating).toBe(false)
  held.heartbeat()
  expect(asked).toEqual(['renew'])
  expect(held.isBeating).toBe(true)
  held.renewed(200)
  expect([held.isBeating, held.leaseEndsMs]).toEqual([false, 200])
})

test('settled, it asks for no lease, waits for none, is settled once, and cannot be lost', async () => {
  const { held, asked } = hold()
  held.heartbeat()
  expect(await held.settle({ kind: 'ack' })).toBe(true)
  expect(held.isBeating).toBe(false)
  held.heartbeat()
  expect(await held.settle({ kind: 'give-back' })).toBe(false)
  held.lose()
  expect(held.signal.aborted).toBe(false)
  expect(asked).toEqual(['renew', 'ack'])
})

test('one that is lost says so to its receiver', () => {
  const { held } = hold()
  held.lose()
  expect(held.signal.aborted).toBe(true)
})
