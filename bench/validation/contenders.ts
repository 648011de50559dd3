import { extractJsonMiddleware, parsePartialJson } from 'ai'
import { disableErrorLogging, parse as parseBestEffort } from 'best-effort-json-parser'
import json5 from 'json5'
import { jsonrepair } from 'jsonrepair'
import { parse as parsePartial } from 'partial-json'
import type { Contender } from './contender.ts'

// By default it writes to the console for each text that it does not understand.
disableErrorLogging()
parseBestEffort.onExtraToken = () => {}

const extract = extractJsonMiddleware().wrapGenerate

/** What people read answers with. */
export const PEERS: readonly Contender[] = [
  { name: 'JSON.parse', read: (text) => JSON.parse(text) as unknown },
  { name: 'json5', read: (text) => json5.parse(text) as unknown },
  { name: 'jsonrepair', read: (text) => JSON.parse(jsonrepair(text)) as unknown },
  { name: 'partial-json', read: (text) => parsePartial(text) as unknown },
  { name: 'best-effort-json-parser', read: (text) => parseBestEffort(text) as unknown },
  { name: 'ai: extract, final answers', read: async (text) => readWithAi(text, ['successful-parse']) },
  {
    name: 'ai: extract, partial answers',
    read: async (text) => readWithAi(text, ['successful-parse', 'repaired-parse']),
  },
]

/** The way of the AI SDK: its middleware takes the fence away, its parser reads what is left. */
async function readWithAi(text: string, states: readonly string[]): Promise<unknown> {
  // Safe: the middleware calls doGenerate alone and reads only the content of what it gives.
  const call = { doGenerate: async () => ({ content: [{ type: 'text', text }] }) } as unknown
  const result = await extract?.(call as Parameters<NonNullable<typeof extract>>[0])
  const part = result?.content[0]
  const { value, state } = await parsePartialJson(part?.type === 'text' ? part.text : text)
  if (!states.includes(state)) throw new Error(state)
  return value
}
