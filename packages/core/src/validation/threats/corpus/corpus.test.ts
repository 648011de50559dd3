import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { inspectUrl } from '../addresses/inspect-url.ts'
import { detectThreats } from '../detect-threats.ts'
import type { ThreatSink } from '../threat-context.ts'

interface CorpusText {
  readonly contexts: readonly ThreatSink[]
  readonly resolvesTo?: readonly string[]
  readonly text: string
}

interface Judged {
  readonly context: ThreatSink
  readonly text: string
  readonly isFlagged: boolean
  readonly isRejected: boolean
}

describe.each(['tuning', 'held-out', 'fresh-reader', 'syntax'])('the %s texts', (set) => {
  it('of attack are found in the sinks that they are made for', async () => {
    const judged = await judge(`attacks-${set}`)
    const sinks = judged.filter((one) => one.context !== 'prompt')
    print(`attacks, ${set}`, judged)
    const found = sinks.filter((one) => one.isFlagged)
    expect(found.length / sinks.length).toBeGreaterThanOrEqual(0.95)
  })

  it('that are harmless are never rejected', async () => {
    const judged = await judge(`benign-${set}`)
    print(`harmless, ${set}`, judged)
    expect(judged.filter((one) => one.isRejected)).toEqual([])
  })

  it('come back the same to the byte unless they are redacted', () => {
    for (const { contexts, text } of [...read(`attacks-${set}`), ...read(`benign-${set}`)]) {
      for (const policy of ['flag', 'reject'] as const) {
        const report = detectThreats(text, { contexts, policy })
        expect(report.text).toBe(text)
        for (const { span, evidence } of report.findings)
          expect(text.slice(...span).startsWith(evidence)).toBe(true)
      }
    }
  })
})

async function judge(name: string): Promise<readonly Judged[]> {
  const judged: Judged[] = []
  for (const { contexts, text, resolvesTo } of read(name)) {
    for (const context of contexts) {
      const report = detectThreats(text, { contexts: [context], policy: 'reject' })
      // A name says nothing of its addresses: those are told by asking.
      const isRefused =
        resolvesTo !== undefined && !(await inspectUrl(text, { resolve: async () => resolvesTo })).ok
      judged.push({
        context,
        text,
        isFlagged: isRefused || report.verdict !== 'allow',
        isRejected: isRefused || report.verdict === 'reject',
      })
    }
  }
  return judged
}

function read(name: string): readonly CorpusText[] {
  const lines = readFileSync(new URL(`${name}.jsonl`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
  // Safe: the files stand beside this one and hold nothing else.
  return lines.map((line) => JSON.parse(line) as CorpusText)
}

/** The table of the guide. `THREAT_TEXTS=1` also names the attacks missed and the harmless texts flagged. */
function print(title: string, judged: readonly Judged[]): void {
  if (process.env.THREAT_FIGURES === undefined && process.env.THREAT_TEXTS === undefined) return
  const rows = [...new Set(judged.map((one) => one.context))].map((context) => {
    const own = judged.filter((one) => one.context === context)
    const flagged = own.filter((one) => one.isFlagged).length
    const rejected = own.filter((one) => one.isRejected).length
    return `${context.padEnd(16)} ${own.length} texts, ${flagged} flagged, ${rejected} rejected`
  })
  console.log([title, ...rows].join('\n'))
  if (process.env.THREAT_TEXTS === undefined) return
  const odd = judged.filter((one) => one.isFlagged !== title.startsWith('attacks'))
  console.log(
    odd
      .map((one) => `${one.context}: ${JSON.stringify(one.text)} ${one.isRejected ? 'REJECTED' : ''}`)
      .join('\n'),
  )
}
