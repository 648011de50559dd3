import { pino } from 'pino'
import { expect, it } from 'vitest'
import { GoldenError } from '../../../errors/index.ts'
import type { Logger } from '../../logger.ts'
import { describeLoggerContract, type LoggerUnderTest } from '../../testing/logger.contract.ts'
import { fromPino } from './from-pino.ts'

type Line = ReturnType<LoggerUnderTest['lines']>[number]

function openPino(adapt: (logger: pino.Logger) => Logger): LoggerUnderTest {
  const texts: string[] = []
  const stream = { write: (text: string) => void texts.push(text) }
  const logger = pino({ level: 'debug', formatters: { level: (level) => ({ level }) } }, stream)
  return { logger: adapt(logger), lines: () => texts.map(readLine) }
}

function readLine(text: string): Line {
  const { level, msg, ...fields } = JSON.parse(text)
  return { level, message: msg, fields }
}

describeLoggerContract('a pino logger as it is', () => openPino((logger) => logger))
describeLoggerContract('fromPino', () => openPino(fromPino))

it('fromPino keeps codes and details along the chain of causes, and the stack', () => {
  const { logger, lines } = openPino(fromPino)
  const root = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
  const middle = new GoldenError({ code: 'INNER', message: 'inner', details: { rows: 3n }, cause: root })
  logger.error({ err: new GoldenError({ code: 'OUTER', message: 'outer', cause: middle }) }, 'failed')
  expect(lines()[0]?.fields).toMatchObject({
    err: {
      type: 'GoldenError',
      code: 'OUTER',
      message: 'outer',
      cause: { code: 'INNER', details: { rows: '3' }, cause: { code: 'ECONNREFUSED', message: 'refused' } },
      stack: expect.stringContaining('from-pino.test'),
    },
  })
})

it('fromPino writes an error of another kind with its stack, and a value that is no error as it is', () => {
  const { logger, lines } = openPino(fromPino)
  logger.warn({ err: new RangeError('too far') }, 'odd')
  logger.warn({ err: 'a text' }, 'odder')
  expect(lines()[0]?.fields).toMatchObject({ err: { type: 'RangeError', message: 'too far' } })
  expect(lines()[1]?.fields).toMatchObject({ err: 'a text' })
})
