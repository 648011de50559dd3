import { expect, test } from 'vitest'
import { lowestOf, lowestPeers } from './peer-versions.ts'

test.each([
  ['^8', '8.0.0'],
  ['^8.12', '8.12.0'],
  [' ^6.0.1 ', '6.0.1'],
  ['>=0.5 <1', '0.5.0'],
])('the lowest version of %s is %s', (range, version) => {
  expect(lowestOf(range)).toBe(version)
})

test('a range without a lowest version is refused', () => {
  expect(() => lowestOf('*')).toThrow('no lowest version: *')
})

test('each part of the range of a peer has its lowest version, once', () => {
  const versions = lowestPeers().filter(({ name }) => name === 'ioredis')
  expect(versions.map(({ version }) => version.split('.')[0])).toEqual(['5', '6'])
})
