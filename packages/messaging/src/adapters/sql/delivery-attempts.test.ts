import type { SqlExecutor } from '@golden-arch/core/storage'
import { expect, test } from 'vitest'
import { DeliveryAttempts } from './delivery-attempts.ts'

const keyOf = (consumer: string, sequence: string) => ({
  ...{ stream: 'S', consumer, sequence },
  ...{ messageId: null, deliveries: 1 },
})

/** Answers for the sequences of a consumer with their tenfold as starts, in reverse; knows none above 9. */
const asked: unknown[] = []
const query = async (_text: string, values: readonly unknown[] = []) => {
  asked.push(values.slice(0, 2))
  const sequences = (values[1] as readonly string[]).map(BigInt).filter((one) => one < 10n) // as the statements are given them
  const rows = sequences.map((sequence) => ({
    ...{ sequence, starts: Number(sequence) * 10 },
    ...{ is_interrupted: true, reason: null, code: null },
  }))
  return { rows: rows.reverse(), rowCount: rows.length }
}
// The attempts ask for rows alone.
const attempts = new DeliveryAttempts({ query } as unknown as SqlExecutor)

test('each consumer is asked apart, and the answers come in the order of the keys', async () => {
  asked.length = 0
  const keys = [keyOf('a', '1'), keyOf('b', '2'), keyOf('a', '3'), keyOf('b', '11')]
  expect(await attempts.start(keys)).toEqual([10, 20, 30, 1])
  expect(asked).toEqual([
    ['a', ['1', '3']],
    ['b', ['2', '11']],
  ])
  expect((await attempts.read(keys)).map(({ starts, isInterrupted }) => [starts, isInterrupted])).toEqual([
    [10, true],
    [20, true],
    [30, true],
    [0, false],
  ])
})

test('the ends of each consumer are stored apart', async () => {
  asked.length = 0
  const failure = { reason: 'no', code: 'NO', isCounted: true }
  await attempts.end([keyOf('a', '1'), keyOf('b', '2'), keyOf('a', '3')].map((key) => ({ key, ...failure })))
  expect(asked).toEqual([
    ['a', ['1', '3']],
    ['b', ['2']],
  ])
})
