import { type Logger, quietLogger } from '@golden-arch/core/observability'
import { RecordingLogger } from '@golden-arch/core/observability/testing'
import { StorageError } from '@golden-arch/core/storage'
import { FakeClock } from '@golden-arch/core/time/testing'
import { beforeEach, describe, expect, test } from 'vitest'
import { BudgetError } from '../budget-error.ts'
import type { HeldReservation } from '../reservation.ts'
import type { BudgetLease, LeaseOptions } from './budget-lease.ts'
import { resolveLeaseOptions } from './budget-lease.ts'
import { runLease } from './run-lease.ts'

describe('a lease', () => {
  const reservation: HeldReservation = {
    status: 'held',
    requestId: 'r1',
    scope: { tenantId: 't', projectId: 'p' },
    tokens: 10,
    ttlMs: 1000,
    heldAt: new Date(0),
    expiresAt: new Date(1000),
  }
  let clock: FakeClock
  let told: string[]
  let onExtend: () => void
  let onCommit: () => void
  let logger: RecordingLogger
  let onLine: () => void

  beforeEach(() => {
    clock = new FakeClock()
    told = []
    onExtend = () => {}
    onCommit = () => {}
    logger = new RecordingLogger()
    onLine = () => {}
  })

  const lease = <T>(run: (lease: BudgetLease) => Promise<T>, options: LeaseOptions = {}) => {
    const settled = { reservation, isReplay: false }
    const ledger = {
      commit: async ({ usage }: { usage: unknown }) => {
        onCommit()
        told.push(`commit ${JSON.stringify(usage)}`)
        return settled
      },
      release: async () => {
        told.push('release')
        return settled
      },
      extend: async ({ ttlMs }: { ttlMs?: number | undefined }) => {
        told.push(`extend ${ttlMs}`)
        onExtend()
        return { status: 'extended', reservation } as const
      },
    }
    const log = new Proxy(logger, {
      get: (target, level: keyof Logger) => (fields: object, message: string) => {
        onLine()
        target[level](fields, message)
      },
    })
    const surroundings = { ledger, clock, logger: quietLogger(log) }
    return runLease(surroundings, reservation, resolveLeaseOptions(options), run)
  }
  const usage = { totalTokens: 7 }

  test('commits what was reported and gives back what the function gave', async () => {
    const result = await lease(async ({ reportUsage }) => {
      reportUsage(usage)
      return 'answer'
    })
    expect([result, told]).toEqual(['answer', ['commit {"totalTokens":7}']])
  })

  test('commits what was reported though the function throws afterwards, and throws that on', async () => {
    const failed = lease(async ({ reportUsage }) => {
      reportUsage(usage)
      throw new Error('the stream broke')
    })
    await expect(failed).rejects.toThrow('the stream broke')
    expect(told).toEqual(['commit {"totalTokens":7}'])
  })

  test.each([
    ['the answer', 'DATABASE_UNAVAILABLE'],
    ['an error', undefined],
  ])('where the usage cannot be committed it is in the log: in place of %s', async (given, code) => {
    onCommit = () => {
      throw StorageError.of('DATABASE_UNAVAILABLE', 'gone meanwhile')
    }
    const ended = lease(async ({ reportUsage }) => {
      reportUsage(usage)
      if (given === 'an error') throw new Error('the stream broke')
    })
    await expect(ended).rejects.toMatchObject(code === undefined ? { message: 'the stream broke' } : { code })
    expect(logger.lines).toMatchObject([
      {
        level: 'error',
        message: 'a budget hold could not be settled',
        fields: { requestId: 'r1', report: { usage }, err: { code: 'DATABASE_UNAVAILABLE' } },
      },
    ])
  })

  test('money is in the log as text, which every logger can write', async () => {
    onCommit = () => {
      throw StorageError.of('DATABASE_UNAVAILABLE', 'gone meanwhile')
    }
    const cost = { currency: 'USD', micros: 250_000n }
    const ended = lease(async ({ reportUsage }) => reportUsage({ ...usage, cost }))
    await expect(ended).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' })
    expect(JSON.parse(JSON.stringify(logger.lines[0]?.fields))).toMatchObject({
      report: { usage: { ...usage, cost: '0.25 USD' } },
      err: { code: 'DATABASE_UNAVAILABLE' },
    })
  })

  test('a logger that throws replaces no error', async () => {
    onCommit = () => {
      throw StorageError.of('DATABASE_UNAVAILABLE', 'gone meanwhile')
    }
    onLine = () => {
      throw new Error('the disk is full')
    }
    const ended = lease(async ({ reportUsage }) => reportUsage(usage))
    await expect(ended).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE', retryable: true })
  })

  test('a logger that throws stops no extension', async () => {
    let end: () => void = () => {}
    onLine = () => {
      throw new Error('the disk is full')
    }
    onExtend = () => {
      if (told.length === 1) throw StorageError.of('DATABASE_UNAVAILABLE', 'for the moment')
    }
    const running = lease(() => new Promise<void>((resolve) => (end = resolve)))
    await clock.advance(1000)
    end()
    await running
    expect(told).toEqual(['extend 1000', 'extend 1000', 'commit "unknown"'])
  })

  test('usage that makes no sense is refused where it is reported, and does not count', async () => {
    const failed = lease(async ({ reportUsage }) => {
      reportUsage(usage)
      reportUsage({ totalTokens: Number.NaN })
    })
    await expect(failed).rejects.toMatchObject({ details: { option: 'usage.totalTokens' } })
    expect(told).toEqual(['commit {"totalTokens":7}'])
  })

  test('releases what was certainly not sent', async () => {
    await lease(async ({ reportNotSent }) => reportNotSent())
    expect(told).toEqual(['release'])
  })

  test.each([
    [undefined, ['commit "unknown"']],
    ['hold', ['commit "unknown"']],
    ['release', ['release']],
    ['leave', []],
  ] as const)('treats unknown usage by policy: %s', async (onUnknownUsage, expected) => {
    const options = onUnknownUsage === undefined ? {} : { onUnknownUsage }
    await expect(lease(() => Promise.reject(new Error('lost')), options)).rejects.toThrow('lost')
    expect(told).toEqual(expected)
  })

  test('extends the hold while the function runs, and not after', async () => {
    let end: () => void = () => {}
    const running = lease(() => new Promise<void>((resolve) => (end = resolve)))
    await clock.advance(1000)
    end()
    await running
    await clock.advance(5000)
    expect(told).toEqual(['extend 1000', 'extend 1000', 'commit "unknown"'])
    expect(clock.pendingCount).toBe(0)
  })

  test('asks for more of its own hold, whatever address it is given', async () => {
    const decision = await lease(async ({ extend, reportUsage }) => {
      reportUsage(usage)
      return extend({ ttlMs: 2000, tokens: 20 })
    })
    expect([decision.status, told]).toEqual(['extended', ['extend 2000', 'commit {"totalTokens":7}']])
  })

  test('goes on after an extension failed for the moment, and signals when the hold is lost', async () => {
    const aborted: unknown[] = []
    let end: () => void = () => {}
    onExtend = () => {
      if (told.length === 1) throw StorageError.of('DATABASE_UNAVAILABLE', 'for the moment')
      throw new BudgetError({ code: 'RESERVATION_SETTLED', message: 'expired' })
    }
    const running = lease(async ({ signal }) => {
      signal.addEventListener('abort', () => aborted.push(signal.reason))
      await new Promise<void>((resolve) => (end = resolve))
    })
    await clock.advance(500)
    expect(aborted).toEqual([])
    await clock.advance(500)
    expect(aborted).toMatchObject([{ code: 'RESERVATION_SETTLED' }])
    expect(logger.lines).toEqual(
      ['DATABASE_UNAVAILABLE', 'RESERVATION_SETTLED'].map((code) => ({
        ...{ level: 'warn', message: 'a budget hold could not be extended' },
        fields: { err: expect.objectContaining({ code }), requestId: 'r1' },
      })),
    )
    end()
    await running
  })

  test('bad options are refused by name', () => {
    expect(() => resolveLeaseOptions({ extendIntervalMs: 0 })).toThrow('extendIntervalMs')
  })
})
