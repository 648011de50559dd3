import { expect, it } from 'vitest'
import type { AiSdkOutputPart, AiSdkOutputResult } from './ai-sdk-model.ts'
import { readContent, waitsForTool, withJson } from './answer-content.ts'
import { USAGE } from './testing/usage.ts'

type Part = AiSdkOutputPart & Readonly<Record<string, unknown>>

const text = (...texts: readonly string[]): readonly Part[] =>
  texts.map((one) => ({ type: 'text', text: one }))
const answerOf = (content: readonly Part[], more: Partial<AiSdkOutputResult> = {}) => ({
  ...{ content, finishReason: { unified: 'stop' }, usage: USAGE },
  ...more,
})
const waits = (parts: readonly Part[]): boolean => waitsForTool(parts)
const call: Part = { type: 'tool-call', toolCallId: 't1', toolName: 'search', input: '{}' }
const result = { type: 'tool-result', toolCallId: 't1', toolName: 'search', result: {} }

it('reads the texts of an answer together, and what a model gives in their place', () => {
  const content = [{ type: 'reasoning', text: 'hm' }, ...text('{"a"', ':1}')]
  expect(readContent(answerOf(content))).toMatchObject({ text: '{"a":1}', finishReason: 'stop' })
  expect(readContent(answerOf(content, { structuredOutputText: '{}' })).text).toBe('{}')
  expect(readContent(answerOf(content, { structuredOutputText: '' })).text).toBe('')
})

it('puts JSON where it was read, once, and keeps all else', () => {
  const reasoning = { type: 'reasoning', text: 'hm' }
  const answer = answerOf([
    reasoning,
    { type: 'text', text: "{'a'", providerMetadata: { p: {} } },
    ...text(':1}'),
  ])
  expect(withJson(answer, '{"a":1}')).toEqual({
    ...answer,
    content: [reasoning, { type: 'text', text: '{"a":1}', providerMetadata: { p: {} } }],
  })
  const chosen = { ...answer, structuredOutputText: "{'a':1}" }
  expect(withJson(chosen, '{"a":1}')).toEqual({ ...answer, structuredOutputText: '{"a":1}' })
})

it('tells an answer that waits for a tool from one whose tools the provider has run', () => {
  expect(waits([...text('I look.'), call])).toBe(true)
  expect(waits([{ ...call, providerExecuted: true }])).toBe(true)
  expect(waits([{ ...call, providerExecuted: true }, result, ...text('{}')])).toBe(false)
  expect(waits([{ type: 'tool-approval-request', approvalId: 'a1', toolCallId: 't1' }, result])).toBe(true)
  expect(readContent(answerOf(text('{}'), { finishReason: { unified: 'tool-calls' } })).isToolCall).toBe(true)
})
