import fc from 'fast-check'
import { expect, it } from 'vitest'
import { EventReader } from './event-reader.ts'

function read(pieces: readonly Uint8Array[], maxLength = 1000): readonly string[] {
  const found: string[] = []
  const reader = new EventReader(maxLength, (data) => found.push(data))
  for (const piece of pieces) reader.push(piece)
  reader.end()
  return found
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

it('gives the data of each event, whatever ends its lines', () => {
  const text = ': ping\n\ndata: one\r\n\r\nevent: x\rdata:two\rdata:  three\r\rid: 7\n\ndata\n\ndata: four'
  expect(read([encode(text)])).toEqual(['one', 'two\n three', 'four'])
})

it('gives the same however the stream is cut', () => {
  const lines = fc.constantFrom('data: ä€😀', 'data:x', 'event: y', ': z', '', 'data: ')
  const ends = fc.constantFrom('\n', '\r\n', '\r')
  fc.assert(
    fc.property(fc.array(fc.tuple(lines, ends)), fc.array(fc.nat({ max: 40 })), (parts, cuts) => {
      const bytes = encode(parts.flat().join(''))
      const places = [...cuts, bytes.length].map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b)
      const pieces = places.map((place, index) => bytes.subarray(places[index - 1] ?? 0, place))
      expect(read(pieces)).toEqual(read([bytes]))
    }),
  )
})

it('takes one LF alone for the other half of a CR, whichever piece it comes in', () => {
  const pieces = ['data: one\r', '\n', '\ndata: two\n', '', '\n'].map(encode)
  expect(read(pieces)).toEqual(['one', 'two'])
  expect(read(['data: one\r', '', '\ndata: two\n'].map(encode))).toEqual(['one\ntwo'])
})

it('leaves an event out that is too long, and reads the next', () => {
  const text = `data: ${'x'.repeat(50)}\ndata: more\n\ndata: short\n\n`
  expect(read([encode(text)], 40)).toEqual(['short'])
})

it('is not made too long by what keeps a connection alive', () => {
  expect(read([encode(`${': ping\n\n'.repeat(100)}data: short\n\n`)], 40)).toEqual(['short'])
})
