import { expect, it } from 'vitest'
import { DenialAges } from './denial-ages.ts'

it('a request is aged by denials in a row, until it is granted', () => {
  const ages = new DenialAges(2)
  const aged = (): boolean[] => ['a', 'b'].map((key) => ages.isAged(key))
  ages.denied('a')
  ages.denied('b')
  expect(aged()).toEqual([false, false])
  ages.denied('a')
  expect(aged()).toEqual([true, false])
  ages.granted('a')
  ages.denied('b')
  expect(aged()).toEqual([false, true])
})

it('of more than 10000 requests those are forgotten that were denied longest ago', () => {
  const ages = new DenialAges(1)
  for (let index = 0; index < 10_000; index++) ages.denied(`${index}`)
  ages.denied('0')
  ages.denied('one more')
  const told = ['0', '1', '2', '9999', 'one more'].map((key) => ages.isAged(key))
  expect(told).toEqual([true, false, true, true, true])
})
