import { describe, expect, it } from 'vitest'
import type { ThreatRule } from '../threat-rule.ts'
import { threatText } from '../threat-text.ts'
import { THREAT_RULES } from './threat-rules.ts'

/** Parts that keep an expression or a scanner busy when they are repeated. */
const PARTS = [
  'a',
  '<',
  '<a ',
  '<a b="',
  '<a b=\'<a b="',
  '<img src=x ',
  '"',
  "'",
  "' or ",
  "' /*!1*/ /**/",
  "' ((((",
  "' union         ",
  '; cat ',
  '$(',
  '${',
  '{{',
  '{{a',
  '<%',
  '`',
  '![a](',
  '](http://a/',
  '![](http://a.b/?',
  '![](http://a.b/aA1',
  '\n[a]: //x/',
  '../',
  '%25',
  '%2e',
  '//a',
  'http://a ',
  'a:',
  'data:',
  '\r',
  '\n',
  '\n[',
  '%0a',
  '\n=',
  '\n=aaaaaaaaaa|',
  ',=a',
  'ignore all the ',
  'show the ',
  'note to the ',
  '$$ ',
  '( ',
  '/*',
  '" onclick ',
  ' src = ',
  '%path:',
  '%{ ',
  ' for update ',
  "= '' or ",
  '--&gt;',
]
const SHORT = 20_000
const TIMES = 8
/** What is quick grows to 50 ms at most; the square of 4 ms is 256. */
const MANY_TICKS_MS = 200

describe('the rules', () => {
  it('have names of their own, fit for a label', () => {
    const ids = THREAT_RULES.map((rule) => rule.id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const id of ids) expect(id).toMatch(/^[a-z]+(-[a-z]+)+$/)
  })

  it('name at least one sink each', () => {
    for (const rule of THREAT_RULES) expect(rule.contexts.length).toBeGreaterThan(0)
  })

  it('repeat nothing without end in a pattern', () => {
    for (const { matcher } of THREAT_RULES) {
      if (matcher.kind !== 'pattern') continue
      const bare = matcher.pattern.source.replace(/\\./g, '.').replace(/\[[^\]]*\]/g, '.')
      expect(bare).not.toMatch(/[*+]|\{\d+,\}/)
    }
  })

  it('take time that grows with the text and no faster', { timeout: 600_000 }, () => {
    const slow: string[] = []
    for (const rule of THREAT_RULES) {
      for (const part of PARTS) {
        const short = cpuMs(rule, part, SHORT)
        // What is quick at first cannot be told from noise; what grows with the square is slow soon.
        if (short < 4) continue
        const least = (length: number): number => Math.min(...[1, 2, 3].map(() => cpuMs(rule, part, length)))
        const long = least(SHORT * TIMES)
        const growth = long / Math.max(1, least(SHORT))
        // Processor time is counted in ticks of some milliseconds: a short time may be told as none.
        if (long > MANY_TICKS_MS && growth > TIMES * 4)
          slow.push(`${rule.id} on ${JSON.stringify(part)}: ×${growth.toFixed(1)}`)
      }
    }
    expect(slow).toEqual([])
  })
})

function cpuMs(rule: ThreatRule, part: string, length: number): number {
  const text = part.repeat(Math.ceil(length / part.length)).slice(0, length)
  const before = process.cpuUsage()
  const view = threatText(text)
  const matches = rule.matcher.kind === 'scan' ? rule.matcher.scan(view) : text.matchAll(rule.matcher.pattern)
  let count = 0
  for (const _match of matches) count++
  const { user, system } = process.cpuUsage(before)
  expect(count).toBeLessThanOrEqual(text.length * 2)
  return (user + system) / 1000
}
