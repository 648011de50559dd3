import { expect, it } from 'vitest'
import { QUICKJS_LIMITS } from './quickjs-limits.ts'

const KIB = 1024
const MIB = 1024 * KIB

it('the limits of QuickJS are those that its users were told', () => {
  expect(QUICKJS_LIMITS).toEqual({
    timeoutMs: { min: 1, max: 600_000, default: 1000 },
    cpuTimeMs: { min: 1, max: 600_000, default: 600_000 },
    memoryLimitBytes: { min: 16 * MIB, max: 1024 * MIB, default: 32 * MIB },
    stackLimitBytes: { min: 16 * KIB, max: MIB, default: 512 * KIB },
    stdoutLimitBytes: { min: 0, max: MIB, default: 64 * KIB },
    stderrLimitBytes: { min: 0, max: MIB, default: 64 * KIB },
    valueLimitBytes: { min: 0, max: MIB, default: 64 * KIB },
  })
})
