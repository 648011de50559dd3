import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SharedOutput } from './shared-output.ts'

describe('SharedOutput', () => {
  it('gives notice once until the host has read', () => {
    const output = SharedOutput.allocate(100, 100)
    let notices = 0
    const write = output.writer('stdout', () => notices++)
    write('a')
    write('b')
    expect(notices).toBe(1)
    const told: string[] = []
    output.tellNew((stream, text) => told.push(`${stream} ${text}`))
    write('c')
    expect(notices).toBe(2)
    output.tellNew((stream, text) => told.push(`${stream} ${text}`))
    output.tellNew((stream, text) => told.push(`${stream} ${text}`))
    expect(told).toEqual(['stdout ab', 'stdout c'])
  })

  it('says whether all was taken, of each stream by itself', () => {
    const output = SharedOutput.allocate(2, 4)
    const [out, err] = [output.writer('stdout'), output.writer('stderr')]
    expect([out('ab'), out(''), out('c'), err('ab')]).toEqual([true, true, false, true])
    expect([output.text('stdout'), output.text('stderr')]).toEqual(['ab', 'ab'])
  })

  it('tells each byte that it keeps exactly once, whenever it is read', () => {
    const step = fc.oneof(fc.constant(undefined), fc.tuple(fc.constantFrom('stdout', 'stderr'), fc.string()))
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const output = SharedOutput.allocate(40, 20)
        const other = SharedOutput.attach(output.buffer, 40)
        const writers = { stdout: other.writer('stdout'), stderr: other.writer('stderr') }
        const told = { stdout: '', stderr: '' }
        const read = (): void =>
          output.tellNew((stream, text) => {
            told[stream] += text
          })
        for (const each of steps) {
          if (each === undefined) read()
          else writers[each[0]](each[1])
        }
        read()
        expect(told).toEqual({ stdout: output.text('stdout'), stderr: output.text('stderr') })
      }),
    )
  })
})
