import { expect, it } from 'vitest'
import { jsonBytes } from './json-bytes.ts'

it('counts a file as the bytes that it is, also one that was read into a Buffer', () => {
  const around = jsonBytes({ data: '' })
  for (const data of [new Uint8Array(1000), Buffer.alloc(1000, 200)]) {
    expect(jsonBytes({ data })).toBe(around + 1000)
  }
  expect(jsonBytes(Buffer.alloc(1000, 200))).toBe(1002)
  expect(jsonBytes(undefined)).toBe(0)
  expect(jsonBytes('Grüße')).toBe(9)
})
