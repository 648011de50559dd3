import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TAR_BLOCK_BYTES, writeTar } from '../tar-archive.ts'
import { StepFrame } from './step-frame.ts'

const BOUNDS = { filesLimitBytes: 1000, maxFiles: 2 }
const END = Buffer.alloc(TAR_BLOCK_BYTES)

function frameOf(text: string, sizes: readonly number[] = [1000]): StepFrame {
  const frame = new StepFrame(BOUNDS, 'word')
  const archive = writeTar([{ name: 'out/a', content: new TextEncoder().encode('a') }])
  const whole = Buffer.concat([Buffer.from(text), archive, END])
  for (let at = 0, turn = 0; at < whole.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1
    frame.push(whole.subarray(at, at + size))
    at += size
  }
  return frame
}

describe('the frame of a step', () => {
  it('tells the end of the step from that of the session, however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 99 }), { minLength: 1 }), (sizes) => {
        const step = frameOf(':word 3 12\n', sizes)
        expect(step).toMatchObject({ isOfSession: false, isComplete: true, status: 3, refusal: undefined })
        expect(step.files.map(({ path }) => path)).toEqual(['a'])
        expect(step.usage?.cpuMs).toBe(12)
        expect(frameOf(' -9 12\n', sizes)).toMatchObject({ isOfSession: true, isComplete: true, status: -9 })
      }),
    )
  })

  it('refuses the word of another step', () => {
    expect(frameOf(':ward 0\n')).toMatchObject({
      isOfSession: false,
      status: undefined,
      refusal: 'malformed',
    })
  })
})
