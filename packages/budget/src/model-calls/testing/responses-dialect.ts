import type { Dialect } from './dialects.ts'
import { cutEvents, events, json } from './scripted-provider.ts'

const RESPONSES_USAGE = {
  input_tokens: 20,
  input_tokens_details: { cached_tokens: 5 },
  output_tokens: 7,
  output_tokens_details: { reasoning_tokens: 2 },
  total_tokens: 27,
}
const about = { id: 'r1', object: 'response', created_at: 1, model: 'small' }
const call = {
  ...{ type: 'function_call', id: 'f1', call_id: 't1', status: 'completed' },
  ...{ name: 'look', arguments: '{"at":"it"}' },
}

/** A message, as a part of a response. */
export function messageOf(text: string): object {
  const content = [{ type: 'output_text', text, annotations: [] }]
  return { type: 'message', id: 'm1', role: 'assistant', status: 'completed', content }
}

/** A response of these parts, ended so. */
export function responseOf(
  output: readonly object[],
  status = 'completed',
  usage: object | null = RESPONSES_USAGE,
): object {
  return { ...about, status, output, usage }
}

/** The events up to the end of a response: that it was begun, and one for each piece of its text. */
export function responseBegun(...texts: readonly string[]): readonly object[] {
  const place = { item_id: 'm1', output_index: 0, content_index: 0 }
  return [
    { type: 'response.created', response: { ...about, status: 'in_progress', output: [] } },
    ...texts.map((delta) => ({ type: 'response.output_text.delta', ...place, delta })),
  ]
}

/** As OpenAI's Responses. */
export const responses: Dialect = {
  text: json(responseOf([messageOf('Hello there')])),
  toolCall: json(responseOf([call])),
  stream: events(...responseBegun('Hello ', 'there'), {
    type: 'response.completed',
    response: responseOf([messageOf('Hello there')]),
  }),
  cutStream: cutEvents(...responseBegun('Hello ')),
}
