import { expect, test } from 'vitest'
import { HandlerSlots } from './handler-slots.ts'

/** Who was admitted so far, after promises had their turn. */
async function admitted(log: readonly string[]): Promise<readonly string[]> {
  await new Promise((resolve) => setImmediate(resolve))
  return [...log]
}

test('no more than the bound run at once, in order of arrival', async () => {
  const slots = new HandlerSlots(2)
  const log: string[] = []
  for (const name of ['a', 'b', 'c', 'd']) void slots.acquire(false).then(() => log.push(name))
  expect(await admitted(log)).toEqual(['a', 'b'])
  slots.release()
  expect(await admitted(log)).toEqual(['a', 'b', 'c'])
})

test('one that must be alone waits for all others, and nobody starts beside it', async () => {
  const slots = new HandlerSlots(4)
  const log: string[] = []
  for (const name of ['a', 'b']) void slots.acquire(false).then(() => log.push(name))
  void slots.acquire(true).then(() => log.push('alone'))
  void slots.acquire(false).then(() => log.push('c'))
  expect(await admitted(log)).toEqual(['a', 'b'])
  slots.release()
  expect(await admitted(log)).toEqual(['a', 'b'])
  slots.release()
  expect(await admitted(log)).toEqual(['a', 'b', 'alone'])
  slots.release()
  expect(await admitted(log)).toEqual(['a', 'b', 'alone', 'c'])
})

test('closed, it starts nobody and tells who waits', async () => {
  const slots = new HandlerSlots(1)
  expect(await slots.acquire(false)).toBe(true)
  const waiting = slots.acquire(false)
  slots.close()
  expect(await waiting).toBe(false)
  expect(await slots.acquire(true)).toBe(false)
})
