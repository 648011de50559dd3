import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ALLOWED_SYSTEM_CALLS } from '../../program/allowed-system-calls.ts'
import { seccompFilter } from './seccomp-filter.ts'
import { SYSTEM_CALL_TABLES } from './system-call-numbers.ts'

const ALLOW = 0x7fff0000
const EPERM = 0x00050001
const ENOSYS = 0x00050026
const KILL = 0x80000000

/** What the kernel would do: classic BPF as far as the filter uses it. */
function decide(filter: Buffer, call: number, argument: number, architecture: number): number {
  const data = new Map([
    [0, call],
    [4, architecture],
    [16, argument],
  ])
  let register = 0
  for (let at = 0; at < filter.length; at += 8) {
    const constant = filter.readUInt32LE(at + 4)
    const go = (isTrue: boolean): void => {
      at += 8 * filter.readUInt8(isTrue ? at + 2 : at + 3)
    }
    const code = filter.readUInt16LE(at)
    if (code === 0x06) return constant
    if (code === 0x20) register = data.get(constant) ?? Number.NaN
    else if (code === 0x15) go(register === constant)
    else if (code === 0x35) go(register >= constant)
    else if (code === 0x45) go((register & constant) !== 0)
    else throw new Error(`instruction ${code.toString(16)}`)
  }
  throw new Error('the filter ended without an answer')
}

describe.each(['x64', 'arm64'] as const)('the filter of system calls on %s', (name) => {
  const filter = seccompFilter(name) ?? Buffer.alloc(0)
  const table = SYSTEM_CALL_TABLES[name]
  const architecture = table?.architecture ?? 0
  const ask = (call: string, argument = 0): number =>
    decide(filter, table?.numbers.get(call) ?? Number.NaN, argument, architecture)

  it('allows what is on the list and nothing else', () => {
    const special = new Set(['clone', 'clone3', 'socket', 'prctl'].map((each) => table?.numbers.get(each)))
    const listed = new Set(ALLOWED_SYSTEM_CALLS.map((each) => table?.numbers.get(each)))
    for (let call = 0; call < 1024; call++) {
      if (special.has(call)) continue
      expect([call, decide(filter, call, 0, architecture)]).toEqual([call, listed.has(call) ? ALLOW : EPERM])
    }
  })

  it('allows local and internet sockets alone', () => {
    for (const family of [1, 2, 10]) expect(ask('socket', family)).toBe(ALLOW)
    fc.assert(
      fc.property(fc.nat(), (family) => {
        fc.pre(![1, 2, 10].includes(family))
        expect(ask('socket', family)).toBe(EPERM)
      }),
    )
  })

  it('allows threads and processes, and no namespace', () => {
    expect(ask('clone', 0x003d0f00)).toBe(ALLOW)
    expect(ask('clone', 0x01200011)).toBe(ALLOW)
    for (const flag of [0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000]) {
      expect(ask('clone', 0x11 | flag)).toBe(EPERM)
    }
    expect(ask('clone3')).toBe(ENOSYS)
  })

  it('lets no process outlive the one that it dies with', () => {
    expect(ask('prctl', 1)).toBe(EPERM)
    expect(ask('prctl', 15)).toBe(ALLOW)
  })

  it('ends a process that makes calls of another architecture', () => {
    expect(decide(filter, 1, 0, 0x40000003)).toBe(KILL)
  })

  it('refuses every number beyond the list, those of the second kind of x86-64 (x32) too', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1024, max: 0xffffffff }), (call) => {
        expect(decide(filter, call, 0, architecture)).toBe(EPERM)
      }),
    )
  })

  it('refuses what it is told to refuse', () => {
    const strict = seccompFilter(name, ['memfd_create']) ?? Buffer.alloc(0)
    const call = table?.numbers.get('memfd_create') ?? 0
    expect(decide(filter, call, 0, architecture)).toBe(ALLOW)
    expect(decide(strict, call, 0, architecture)).toBe(EPERM)
    expect(decide(strict, call - 1, 0, architecture)).toBe(decide(filter, call - 1, 0, architecture))
  })

  it('stays within the length that the kernel takes', () => {
    expect(filter.length / 8).toBeLessThan(4096)
    expect(filter.length % 8).toBe(0)
  })
})

describe('the filter of system calls', () => {
  it('does not exist for an architecture whose numbers are not known', () => {
    expect(seccompFilter('ppc64')).toBeUndefined()
  })
})
