import { expect, test } from 'vitest'
import { WAYS } from '../service.ts'
import { allowedWays } from './allowed-ways.ts'

test('all ways are allowed unless the variable names some', () => {
  expect([...allowedWays('')]).toEqual(WAYS)
  expect([...allowedWays(' debian, environment')]).toEqual(['environment', 'debian'])
})

test('a name that is no way is refused', () => {
  expect(() => allowedWays('debian,snap')).toThrow('received "debian,snap"')
})
