import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { SendTurn } from './send-turn.ts'

test('what many callers add in one turn leaves together and in order, without a microtask between', async () => {
  const sends = new SendTurn()
  const seen: string[] = []
  const add = (name: string): void =>
    sends.add(() => {
      seen.push(name)
      queueMicrotask(() => seen.push(`after ${name}`))
    })
  add('a')
  await Promise.resolve()
  add('b')
  expect(seen).toEqual([])
  await turn()
  expect(seen.slice(0, 2)).toEqual(['a', 'b'])
})

test('what is added while others are sent waits for the next turn', async () => {
  const sends = new SendTurn()
  const seen: string[] = []
  sends.add(() => {
    seen.push('a')
    sends.add(() => void seen.push('b'))
  })
  await turn()
  expect(seen).toEqual(['a'])
  await turn()
  expect(seen).toEqual(['a', 'b'])
})
