import { ChatOpenAI } from '@langchain/openai'
import { AIMessage, HumanMessage, initChatModel, SystemMessage, tool } from 'langchain'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { z as z3 } from 'zod/v3'
import { estimateCall, modelNameOf } from './estimate-call.ts'
import type { LangChainModelCall } from './langchain-model-call.ts'

const bounds = { bytesPerToken: 1, maxOutputTokens: 4096 }
const settings = { model: 'small', apiKey: 'k' }
const callOf = (more: Partial<LangChainModelCall> = {}): LangChainModelCall => ({
  model: new ChatOpenAI(settings),
  messages: [],
  tools: [],
  runtime: {},
  ...more,
})
const inputOf = (more: Partial<LangChainModelCall>): number => estimateCall(callOf(more), bounds).inputTokens

it('holds the limit of the model as its output, wherever the model has it', async () => {
  const limited = new ChatOpenAI({ ...settings, maxTokens: 50 })
  const named = await initChatModel('openai:small', { apiKey: 'k', maxTokens: 50 })
  for (const model of [limited, { bound: limited }, named, { maxOutputTokens: 50 }, { numPredict: 50 }]) {
    expect(estimateCall(callOf({ model }), bounds).maxOutputTokens).toBe(50)
  }
  for (const model of [new ChatOpenAI(settings), { maxTokens: -1 }, { bound: undefined }]) {
    expect(estimateCall(callOf({ model }), bounds).maxOutputTokens).toBe(4096)
  }
})

it('tells the name of a model, also of one that is bound or made by name', async () => {
  const model = new ChatOpenAI(settings)
  for (const one of [model, { bound: model }, await initChatModel('openai:small', { apiKey: 'k' })]) {
    expect(modelNameOf(one)).toBe('small')
  }
  expect(modelNameOf({})).toBeUndefined()
  const boundTimes = (times: number): object => (times === 0 ? model : { bound: boundTimes(times - 1) })
  expect([modelNameOf(boundTimes(7)), modelNameOf(boundTimes(8))]).toEqual(['small', undefined])
  const circle = { bound: {} }
  circle.bound = circle
  expect(modelNameOf(circle)).toBeUndefined()
})

it('counts what is sent: messages, their calls of tools, the prompt of the system, and files by their bytes', () => {
  const nothing = inputOf({})
  const text = 'x'.repeat(1000)
  expect(inputOf({ messages: [new HumanMessage(text)] }) - nothing).toBeLessThan(1020)
  expect(inputOf({ messages: [new HumanMessage(text)] }) - nothing).toBeGreaterThanOrEqual(1000)
  const calls = new AIMessage({ content: '', tool_calls: [{ id: 't', name: 'look', args: { at: text } }] })
  expect(inputOf({ messages: [calls] }) - nothing).toBeGreaterThan(1000)
  expect(inputOf({ systemMessage: new SystemMessage(text), systemPrompt: text }) - nothing).toBeLessThan(1020)
  expect(inputOf({ systemPrompt: text }) - nothing).toBeGreaterThanOrEqual(998)
  const image = { type: 'image', mimeType: 'image/png', data: new Uint8Array(1000) }
  const seen = inputOf({ messages: [new HumanMessage({ content: [image] })] }) - nothing
  expect(seen).toBeGreaterThanOrEqual(1000)
  expect(seen).toBeLessThan(1100)
})

it('counts tools by their schema, and a tool whose schema is no JSON at least by its name', () => {
  const described = z.object({ at: z.string().describe('where '.repeat(100)) })
  const place = { type: 'string', description: 'where '.repeat(100) } as const
  const json = { type: 'object', properties: { at: place } } as const
  const about = { name: 'look', description: 'Looks.' }
  for (const look of [
    tool(() => '', { ...about, schema: described }),
    tool(() => '', { ...about, schema: json }),
  ]) {
    expect(inputOf({ tools: [look] })).toBeGreaterThan(600)
    expect(inputOf({ tools: [look] })).toBeLessThan(900)
  }
  expect(inputOf({ tools: [{ type: 'web_search', description: 'x'.repeat(500) }] })).toBeGreaterThan(500)
  const asked: unknown[] = []
  const standard = (input: (options: unknown) => unknown): object => ({
    '~standard': { jsonSchema: { input } },
  })
  const named = standard((options) => {
    asked.push(options)
    return 'x'.repeat(700)
  })
  const noWords = { name: '', description: '' }
  expect(inputOf({ tools: [{ ...noWords, schema: named }] })).toBeGreaterThan(700)
  expect(asked).toEqual([{ target: 'draft-07' }])
  const failing = standard(() => {
    throw new Error('no JSON schema says that')
  })
  expect(
    inputOf({ tools: [{ ...noWords, schema: { ...failing, title: 'x'.repeat(700) } }] }),
  ).toBeGreaterThan(700)
  const plain = { '~standard': {}, title: 'x'.repeat(700) }
  expect(inputOf({ tools: [{ ...noWords, schema: plain }] })).toBeGreaterThan(700)
  const endless: Record<string, unknown> = {}
  endless.self = endless
  for (const schema of [z.object({ at: z.date() }), z3.object({ at: z3.string() }), endless]) {
    expect(inputOf({ tools: [{ name: 'n'.repeat(500), description: '', schema }] })).toBeGreaterThan(500)
  }
})
