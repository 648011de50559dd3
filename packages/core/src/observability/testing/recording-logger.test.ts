import { expect, it } from 'vitest'
import { describeLoggerContract } from './logger.contract.ts'
import { RecordingLogger } from './recording-logger.ts'

describeLoggerContract('RecordingLogger', () => {
  const logger = new RecordingLogger()
  return { logger, lines: () => logger.lines.map((line) => ({ ...line, fields: { ...line.fields } })) }
})

it('gives the messages of one level', () => {
  const logger = new RecordingLogger()
  logger.info({}, 'one')
  logger.warn({}, 'two')
  expect(logger.messages()).toEqual(['one', 'two'])
  expect(logger.messages('warn')).toEqual(['two'])
})
