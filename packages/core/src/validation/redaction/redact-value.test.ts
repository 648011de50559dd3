import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { GoldenError } from '../../errors/index.ts'
import { fromPino } from '../../observability/index.ts'
import { describeLoggerContract, RecordingLogger } from '../../observability/testing/index.ts'
import { redactingLogger } from './redacting-logger.ts'
import { Redactor } from './redactor.ts'

const redactor = new Redactor({ fields: ['pin'] })

describe('redactValue', () => {
  it('hides secrets in texts, keys, numbers and secret fields, however deep', () => {
    const value = {
      to: ['ann@example.org', { note: 'call bob@example.org' }],
      'eve@example.org': 1,
      card: 4111111111111111,
      order: 4111111111111112,
      big: 4111111111111111n,
      headers: { Authorization: 'x', 'set-cookie': ['a'], accept: 'text/html' },
      api_key: 'k',
      PIN: 7,
      password: null,
      secret: false,
      passphrase: '',
    }
    expect(redactor.redactValue(value)).toEqual({
      to: ['[redacted:email]', { note: 'call [redacted:email]' }],
      '[redacted:email]': 1,
      card: '[redacted:card-number]',
      order: 4111111111111112,
      big: '[redacted:card-number]',
      headers: { Authorization: '[redacted:field]', 'set-cookie': '[redacted:field]', accept: 'text/html' },
      api_key: '[redacted:field]',
      PIN: '[redacted:field]',
      password: null,
      secret: false,
      passphrase: '',
    })
  })

  it('gives the very value where there is nothing to hide', () => {
    const value = { a: [1, 'two', { at: new Date(0) }], bytes: new Uint8Array(2), none: undefined }
    expect(redactor.redactValue(value)).toBe(value)
    const error = new GoldenError({ code: 'NO_LUCK', message: 'no luck' })
    expect(redactor.redactValue(error)).toBe(error)
  })

  it('hides secrets in errors, their stacks, details and causes', () => {
    const cause = new Error('no mailbox eve@example.org')
    const error = new GoldenError({
      code: 'NO_LUCK',
      message: 'no mail to ann@example.org',
      details: { password: 'x', count: 1 },
      cause,
    })
    const redacted = redactor.redactValue({ err: error })
    expect(redacted).toMatchObject({
      err: {
        type: 'GoldenError',
        code: 'NO_LUCK',
        message: 'no mail to [redacted:email]',
        details: { password: '[redacted:field]', count: 1 },
        cause: { message: 'no mailbox [redacted:email]' },
      },
    })
    expect(JSON.stringify(redacted)).not.toMatch(/@example/)
  })

  it('ends on cycles, depth, breadth and what throws', () => {
    const cycle: Record<string, unknown> = { mail: 'ann@example.org' }
    for (let index = 0; index < 20; index++) cycle[`self${index}`] = cycle
    expect(JSON.stringify(redactor.redactValue(cycle))).not.toContain('@')
    expect(redactor.redactValue(Array.from({ length: 1500 }, () => 1))).toHaveLength(1001)
    const thrower = {
      get a(): never {
        throw new Error('no')
      },
    }
    expect(redactor.redactValue(thrower)).toBe('[redacted:left-out]')
    expect(redactor.redactValue({ toJSON: () => 'ann@example.org' })).toBe('[redacted:email]')
  })
})

describeLoggerContract('redactingLogger', () => {
  const recording = new RecordingLogger()
  const lines = () =>
    recording.lines.map(({ level, message, fields }) => ({ level, message, fields: { ...fields } }))
  return { logger: redactingLogger(recording, redactor), lines }
})

describeLoggerContract('redactingLogger before pino', () => {
  const texts: string[] = []
  const stream = { write: (text: string) => void texts.push(text) }
  const logger = pino({ level: 'debug', formatters: { level: (level) => ({ level }) } }, stream)
  const lines = () =>
    texts.map((text) => {
      const { level, msg, ...fields } = JSON.parse(text)
      return { level, message: msg, fields }
    })
  return { logger: redactingLogger(fromPino(logger), redactor), lines }
})

it('redactingLogger hides secrets in messages and fields', () => {
  const recording = new RecordingLogger()
  const logger = redactingLogger(recording, redactor)
  logger.warn({ user: 'ann@example.org' }, 'mail to bob@example.org')
  logger.info({ toJSON: () => 'eve@example.org' }, 'odd')
  expect(recording.lines).toEqual([
    { level: 'warn', fields: { user: '[redacted:email]' }, message: 'mail to [redacted:email]' },
    { level: 'info', fields: { redacted: '[redacted:email]' }, message: 'odd' },
  ])
})
