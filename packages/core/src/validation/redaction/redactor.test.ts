import { invalidOption } from '@golden-arch/testkit/options'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Redactor, redactionMarker } from './redactor.ts'
import { NEAR_MISSES } from './testing/near-misses.ts'
import { privateKeySamples, secretSamples } from './testing/secret-samples.ts'

const redactor = new Redactor()
const SEEDS = Array.from({ length: 200 }, (_, index) => index)

/** What surrounds a secret in logs, code and prose, without changing what it is. */
const SURROUNDINGS: ReadonlyArray<readonly [string, string]> = [
  ['', ''],
  ['the value is ', '.'],
  ['key="', '"'],
  ["key: '", "',"],
  ['{"text":"line\\n', '\\nnext"}'],
  ['(', ')'],
  ['KEY=', '\nNEXT=1'],
  ['`', '`'],
]

describe('Redactor', () => {
  it('hides each form of secret, whole, wherever it stands', () => {
    for (const seed of SEEDS) {
      const [before, after] = SURROUNDINGS[seed % SURROUNDINGS.length] ?? ['', '']
      for (const sample of secretSamples(seed)) {
        const open = `${before}${sample.before ?? ''}`
        const close = `${sample.after ?? ''}${after}`
        expect(redactor.redact(`${open}${sample.secret}${close}`), sample.secret).toEqual({
          text: `${open}${redactionMarker(sample.kind)}${close}`,
          secrets: [{ kind: sample.kind, start: open.length, end: open.length + sample.secret.length }],
        })
      }
    }
  })

  it('hides private keys with their line breaks as they are, written out, or lost', () => {
    for (const key of privateKeySamples()) {
      for (const form of [
        key,
        key.replaceAll('\n', '\\n'),
        key.replaceAll('\n', '\r\n'),
        key.replaceAll('\n', ' '),
      ]) {
        if (form.includes('DEK-Info') && !form.includes('\n') && !form.includes('\\n')) continue
        expect(redactor.redact(`before\n${form}\nafter`).text).toBe('before\n[redacted:private-key]\nafter')
      }
      const cut = key.slice(0, key.lastIndexOf('\n')).slice(0, -20)
      expect(redactor.redact(cut).text).toBe('[redacted:private-key]')
    }
  })

  it.each(NEAR_MISSES)('leaves %j as it is', (text) => {
    expect(redactor.redact(text)).toEqual({ text, secrets: [] })
  })

  it('knows more than a hundred near misses', () => {
    expect(new Set(NEAR_MISSES).size).toBeGreaterThanOrEqual(100)
  })

  it('hides what it was told of, letter for letter', () => {
    const own = new Redactor({ kinds: [], values: ['correct horse', 'correct horse battery'] })
    expect(own.redact('a correct horse battery, a correct horse').text).toBe(
      'a [redacted:known-secret], a [redacted:known-secret]',
    )
    for (const value of ['short', 'with\nbreak']) {
      const make = () => new Redactor({ values: ['correct horse', value] })
      expect(make).toThrow(invalidOption('values[1]', 'a text of 8 characters or more on one line'))
      expect(make).toThrow(expect.objectContaining({ message: expect.not.stringContaining(value) }))
    }
  })

  it('looks for the kinds that it was asked for', () => {
    const own = new Redactor({ kinds: ['card-number'] })
    expect(own.redact('ann@example.org 4111 1111 1111 1111').text).toBe(
      'ann@example.org [redacted:card-number]',
    )
    // @ts-expect-error The type knows the kinds.
    expect(() => new Redactor({ kinds: ['cards'] })).toThrow(invalidOption('kinds'))
  })

  it('hides a card beside its other digits, and two secrets side by side', () => {
    expect(redactor.redact('4111 1111 1111 1111 123 12/27').text).toBe('[redacted:card-number] 123 12/27')
    expect(redactor.redact('ann@example.org,bob@example.org').text).toBe('[redacted:email],[redacted:email]')
    expect(redactor.redact('https://ann:pa55word@example.org/').text).toBe(
      'https://ann:[redacted:url-password]@example.org/',
    )
  })

  const samples = SEEDS.flatMap((seed) =>
    secretSamples(seed).map(({ before, secret, after }) => `${before ?? ''}${secret}${after ?? ''}`),
  )
  const noise = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(...NEAR_MISSES),
    fc.constantFrom(...samples),
    fc.constantFrom(...privateKeySamples()),
    fc.constantFrom(
      '\n',
      ' ',
      '@',
      '://',
      '-----BEGIN PRIVATE KEY-----',
      'sk-',
      'Bearer ',
      'eyJ',
      '4111',
      '-',
      ':',
    ),
  )

  it('keeps all that lies between the secrets, in order', () => {
    fc.assert(
      fc.property(fc.array(noise, { maxLength: 8 }), (pieces) => {
        const text = pieces.join('')
        const { text: redacted, secrets } = redactor.redact(text)
        let from = 0
        let kept = ''
        for (const { kind, start, end } of secrets) {
          expect(start).toBeGreaterThanOrEqual(from)
          expect(end).toBeGreaterThan(start)
          kept += text.slice(from, start) + redactionMarker(kind)
          from = end
        }
        expect(redacted).toBe(kept + text.slice(from))
      }),
      { numRuns: 300 },
    )
  })

  it('a stream gives the same, wherever the text is cut', () => {
    fc.assert(
      fc.property(
        fc.array(noise, { maxLength: 10 }),
        fc.array(fc.integer({ min: 1, max: 60 })),
        (pieces, cuts) => {
          const text = pieces.join('')
          const stream = redactor.stream()
          let out = ''
          let from = 0
          for (const length of cuts) {
            out += stream.push(text.slice(from, from + length))
            from += length
          }
          out += stream.push(text.slice(from)) + stream.end()
          expect(out).toBe(redactor.redact(text).text)
        },
      ),
      { numRuns: 400 },
    )
  })
})

describe('a stream', () => {
  it('gives out whole lines at once', () => {
    const stream = redactor.stream()
    expect(stream.push('mail ann@exam')).toBe('')
    expect(stream.push('ple.org\nnext')).toBe('mail [redacted:email]\n')
    expect(stream.end()).toBe('next')
  })

  it('holds no more than it may, and cuts no secret of an over-long line', () => {
    const stream = redactor.stream({ maxHeldCharacters: 1024 })
    const line = `${'word '.repeat(150)}ann@example.org ${'more '.repeat(2000)}bob@example.org`
    const first = stream.push(line)
    expect(first.length).toBeGreaterThan(line.length - 1100)
    expect(first + stream.end()).toBe(redactor.redact(line).text)
  })

  it('cuts an over-long line after the last blank before its tail, the blank at the cut not counted', () => {
    const stream = redactor.stream({ maxHeldCharacters: 1024 })
    const cut = 1100 - 256
    const words = 'x'.repeat(1100).split('')
    words[cut] = ' '
    words[cut - 10] = ' '
    expect(stream.push(words.join('')).length).toBe(cut - 9)
  })

  it('cuts a line without a blank nearby at its tail', () => {
    const cutOf = (blankAt: number): number => {
      const text = `${'x'.repeat(blankAt)} ${'x'.repeat(1099 - blankAt)}`
      return redactor.stream({ maxHeldCharacters: 1024 }).push(text).length
    }
    expect(cutOf(844 - 64)).toBe(844 - 63)
    expect(cutOf(844 - 65)).toBe(844)
  })

  it('hides a secret that is longer than it may hold up to the next blank', () => {
    const stream = redactor.stream({ maxHeldCharacters: 1024 })
    const secret = `Bearer ${'a1B2'.repeat(5000)}`
    let out = ''
    for (let from = 0; from < secret.length; from += 100) out += stream.push(secret.slice(from, from + 100))
    out += stream.push(' and more') + stream.end()
    expect(out).toBe('Bearer [redacted:bearer-token] and more')
  })

  it('refuses a limit out of range', () => {
    expect(() => redactor.stream({ maxHeldCharacters: 10 })).toThrow(invalidOption('maxHeldCharacters'))
  })
})

it('takes time linear in the text, whatever is repeated', () => {
  const repeated = [
    'sk-',
    'eyJ',
    'eyJ.',
    '@',
    'a@',
    'a.',
    '://',
    '://a:',
    'Bearer ',
    '-----BEGIN PRIVATE KEY-----',
    '4111 ',
    '4',
    'Basic a',
    'xoxb-',
    '-----BEGIN PRIVATE KEY-----\nVersion: ',
    'sk-ant-sk-',
    "aws_secret_access_key='",
    'GB82 ',
  ]
  const cost = (unit: string, length: number): number => {
    const text = unit.repeat(Math.ceil(length / unit.length))
    const before = process.cpuUsage()
    redactor.redact(text)
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1000
  }
  // Quadratic work on a million characters would take hours.
  for (const unit of repeated) expect(cost(unit, 1_000_000), unit).toBeLessThan(20_000)
})
