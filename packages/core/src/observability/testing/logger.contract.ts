import { describe, expect, it } from 'vitest'
import { GoldenError } from '../../errors/index.ts'
import type { Logger } from '../logger.ts'

/** A {@link Logger} under test, and a way to read what it wrote. */
export interface LoggerUnderTest {
  readonly logger: Logger
  /** The lines so far, each with its level's name, its message, and its fields as JSON gives them. */
  lines(): readonly {
    readonly level: string
    readonly message: string
    readonly fields: Record<string, unknown>
  }[]
}

/** Registers the tests that every {@link Logger} must pass; `open` gives a fresh one each time, with all levels on. */
export function describeLoggerContract(title: string, open: () => LoggerUnderTest): void {
  describe(`${title} as Logger`, () => {
    it('writes one line for each call, with its level, message and fields', () => {
      const { logger, lines } = open()
      logger.debug({ a: 1 }, 'first')
      logger.info({ b: 'two' }, 'second')
      logger.warn({}, 'third')
      logger.error({ c: null }, 'fourth')
      expect(lines().map(({ level, message }) => [level, message])).toEqual([
        ['debug', 'first'],
        ['info', 'second'],
        ['warn', 'third'],
        ['error', 'fourth'],
      ])
      expect(lines()[1]?.fields).toMatchObject({ b: 'two' })
    })

    it('keeps the code of an error under err', () => {
      const { logger, lines } = open()
      logger.error({ err: new GoldenError({ code: 'NO_LUCK', message: 'no luck' }) }, 'failed')
      expect(lines()[0]?.fields).toMatchObject({ err: { code: 'NO_LUCK' } })
    })

    it('does not throw on fields that JSON cannot hold', () => {
      const { logger } = open()
      const cycle: Record<string, unknown> = { count: 1n }
      cycle.self = cycle
      expect(() => logger.info(cycle, 'odd')).not.toThrow()
    })
  })
}
