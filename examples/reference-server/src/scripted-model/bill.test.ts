import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@golden-arch/testkit'
import { expect, it } from 'vitest'
import { Bill } from './bill.ts'

it('a bill that is kept in a file goes on where a process has died, and charges no call again', async () => {
  const folder = await temporaryFolder('bill')
  const file = join(folder.path, 'bill.jsonl')
  const charge = { step: 't|generate|1|1', tokens: 7, input_tokens: 3, end: 'told' } as const
  const first = new Bill(file)
  first.charge({ ...charge, key: 'a' })
  first.charge(charge)
  const second = new Bill(file)
  expect(second.view()).toEqual(first.view())
  second.charge({ ...charge, key: 'a' })
  second.charge(charge)
  expect(second.view()).toMatchObject({ billed_tokens: 21, requests: 4 })
  expect(second.view().calls.map(({ key, requests }) => [key, requests])).toEqual([
    ['a', 2],
    ['unnamed-2', 1],
    ['unnamed-4', 1],
  ])
  appendFileSync(file, '{"step":')
  expect(() => new Bill(file)).toThrow(/bill\.jsonl:5: not JSON/)
  await folder.remove()
})
