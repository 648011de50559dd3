import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LlmOutcome } from '../outcome.ts'
import { safeParseConsensus } from './consensus.ts'
import { safeParsePatterns } from './patterns.ts'
import { safeParseSynthesis } from './synthesis.ts'

const VOTE = { decision: 'approve', severity: 'none', rationale: 'It does what it says.', confidence: 0.9 }
const PROMPT = {
  role: 'tester',
  prompt: 'Try the edges first.',
  rationale: 'Edges fail most.',
  confidence: 0.7,
}
const PATTERN = {
  guard: 'hidden-tests',
  description: 'Empty lists are not handled.',
  taskIds: ['t-1', 't-2'],
  suggestion: 'Ask for the empty list.',
  confidence: 0.8,
}

type Reader = (text: string) => LlmOutcome<unknown>

describe.each<[string, Reader, object]>([
  ['safeParseConsensus', safeParseConsensus, VOTE],
  ['safeParseSynthesis', safeParseSynthesis, PROMPT],
  ['safeParsePatterns', safeParsePatterns, { patterns: [PATTERN] }],
])('%s', (_name, read, value) => {
  it('reads the answer, bare or with what models put around it', () => {
    const json = JSON.stringify(value, null, 2)
    for (const text of [json, `<think>Hm.</think>Here you are:\n\`\`\`json\n${json}\n\`\`\``]) {
      expect(read(text)).toMatchObject({ ok: true, value })
    }
  })

  it('leaves out keys that the answer does not have', () => {
    const outcome = read(JSON.stringify({ ...value, remark: 'I hope this helps' }))
    expect(outcome.ok && outcome.value).toEqual(value)
  })

  it('refuses an answer that lacks any of its keys, naming it', () => {
    for (const key of Object.keys(value)) {
      const outcome = read(JSON.stringify({ ...value, [key]: undefined }))
      expect(outcome).toMatchObject({ ok: false, code: 'SCHEMA_MISMATCH', issues: [{ path: [key] }] })
    }
  })

  it.each(['[]', '"text"', '7', 'null', '', '{}', '{"__proto__": {}}'])('refuses %j', (text) => {
    expect(read(text)).toMatchObject({ ok: false })
  })

  it('never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(typeof read(text).ok).toBe('boolean')
      }),
    )
  })
})

describe('the answers of this system', () => {
  it('reads a decision written in another case and a certainty written as text', () => {
    const outcome = safeParseConsensus(JSON.stringify({ ...VOTE, decision: 'Approve', confidence: '0.9' }))
    expect(outcome).toMatchObject({
      ok: true,
      value: VOTE,
      fixes: [{ name: 'coerced-enum' }, { name: 'coerced-number' }],
    })
  })

  it.each([
    ['a decision that is none', { decision: 'approve with changes' }],
    ['a certainty in percent', { confidence: 90 }],
    ['no reason', { rationale: '' }],
    ['a reason without end', { rationale: 'x'.repeat(4001) }],
    ['NUL', { rationale: 'a\0b' }],
  ])('refuses a vote with %s', (_name, change) => {
    const outcome = safeParseConsensus(JSON.stringify({ ...VOTE, ...change }))
    expect(outcome).toMatchObject({ ok: false, code: 'SCHEMA_MISMATCH' })
    expect(outcome.ok ? [] : outcome.issues.map((issue) => issue.path)).toEqual([Object.keys(change)])
  })

  it('refuses a prompt for a role that there is not', () => {
    expect(safeParseSynthesis(JSON.stringify({ ...PROMPT, role: 'admin' }))).toMatchObject({
      issues: [
        { path: ['role'], expected: 'one of "security", "architect", "developer", "reviewer", "tester"' },
      ],
    })
  })

  it('takes that there are no patterns, and refuses more than fifty', () => {
    expect(safeParsePatterns('{"patterns": []}')).toMatchObject({ ok: true, value: { patterns: [] } })
    const many = Array.from({ length: 51 }, () => PATTERN)
    expect(safeParsePatterns(JSON.stringify({ patterns: many }))).toMatchObject({
      issues: [{ path: ['patterns'], kind: 'too_long' }],
    })
    expect(
      safeParsePatterns(JSON.stringify({ patterns: [{ ...PATTERN, taskIds: ['t', null] }] })),
    ).toMatchObject({
      issues: [{ path: ['patterns', 0, 'taskIds', 1], kind: 'invalid_type' }],
    })
  })

  it('refuses what was cut short or declined', () => {
    expect(safeParseConsensus(JSON.stringify(VOTE), { finishReason: 'length' })).toMatchObject({
      code: 'TRUNCATED',
    })
    expect(safeParseConsensus('', { refusal: 'no' })).toMatchObject({ code: 'REFUSED' })
  })
})
