import { invalidOption } from '@golden-arch/testkit/options'
import { describe, expect, it } from 'vitest'
import { resolveSandboxRules, type SandboxRules } from './sandbox-rules.ts'

const MIB = 1_048_576
const RANGES: Readonly<Record<keyof SandboxRules, readonly [min: number, max: number]>> = {
  cpus: [0.1, 64],
  pidsLimit: [8, 4096],
  diskLimitBytes: [MIB, 4096 * MIB],
  inodeLimit: [64, 1_000_000],
  openFilesLimit: [32, 65_536],
  filesLimitBytes: [0, 256 * MIB],
  maxFiles: [0, 10_000],
}

describe('the rules of a sandbox', () => {
  it('have defaults, of which the backend may choose the number of processes', () => {
    expect(resolveSandboxRules()).toEqual({
      cpus: 1,
      pidsLimit: 64,
      diskLimitBytes: 64 * MIB,
      inodeLimit: 4096,
      openFilesLimit: 256,
      filesLimitBytes: 20 * MIB,
      maxFiles: 256,
    })
    expect(resolveSandboxRules({}, 256).pidsLimit).toBe(256)
    expect(resolveSandboxRules({ pidsLimit: 9 }, 256).pidsLimit).toBe(9)
  })

  it.each(Object.entries(RANGES))(
    'take %s from %j, both ends included, and nothing else',
    (name, [min, max]) => {
      for (const value of [min, max])
        expect(resolveSandboxRules({ [name]: value })).toHaveProperty(name, value)
      for (const value of [min - (name === 'cpus' ? 0.01 : 1), max + 1, Number.NaN, '1']) {
        expect(() => resolveSandboxRules({ [name]: value })).toThrow(invalidOption(`rules.${name}`))
      }
    },
  )
})
