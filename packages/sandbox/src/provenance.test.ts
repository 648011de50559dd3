import { describe, expect, it } from 'vitest'
import { provenanceOf } from './provenance.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const OF_ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
const OF_NOTHING = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

describe('provenanceOf', () => {
  it('names code and files by their SHA-256, and the place beside them', () => {
    const place = { runtime: 'quickjs', isWarmStart: true, rules: { depth: 256 } }
    const files = [{ path: 'in/a', content: bytes('abc') }]
    const outputs = [{ path: '__proto__', content: bytes('') }]
    expect(provenanceOf({ code: 'abc', files }, outputs, place)).toEqual({
      ...place,
      codeSha256: OF_ABC,
      inputSha256: { 'in/a': OF_ABC },
      outputSha256: { ['__proto__']: OF_NOTHING },
    })
  })

  it('leaves out a place that the backend did not tell', () => {
    expect(provenanceOf({ code: 'abc' }, undefined, undefined)).toEqual({
      codeSha256: OF_ABC,
      inputSha256: {},
      outputSha256: {},
    })
  })
})
