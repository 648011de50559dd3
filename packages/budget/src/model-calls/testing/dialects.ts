import { cutEvents, events, json, type ProviderAnswer } from './scripted-provider.ts'

/** The answers of a provider, all of them of 20 tokens of input and 7 of output. */
export interface Dialect {
  readonly text: ProviderAnswer
  readonly toolCall: ProviderAnswer
  readonly stream: ProviderAnswer
  readonly cutStream: ProviderAnswer
}

const OPENAI_USAGE = { prompt_tokens: 20, completion_tokens: 7, total_tokens: 27 }
const about = { id: 'c1', created: 1, model: 'small' }
const chunk = (delta: object, finish: string | null = null) => ({
  ...{ ...about, object: 'chat.completion.chunk' },
  choices: [{ index: 0, delta, finish_reason: finish }],
})
const completion = (message: object, finish: string) =>
  json({
    ...{ ...about, object: 'chat.completion', usage: OPENAI_USAGE },
    choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: finish }],
  })
/** As OpenAI's Chat Completions. */
export const openAi: Dialect = {
  text: completion({ content: 'Hello there' }, 'stop'),
  toolCall: completion(
    {
      content: null,
      tool_calls: [{ id: 't1', type: 'function', function: { name: 'look', arguments: '{"at":"it"}' } }],
    },
    'tool_calls',
  ),
  stream: events(
    chunk({ role: 'assistant', content: 'Hello ' }),
    chunk({ content: 'there' }),
    chunk({}, 'stop'),
    { ...chunk({}), choices: [], usage: OPENAI_USAGE },
    '[DONE]',
  ),
  cutStream: cutEvents(chunk({ role: 'assistant', content: 'Hello ' })),
}

const message = { id: 'm1', type: 'message', role: 'assistant', model: 'small' }
const answered = (content: object, reason: string) =>
  json({
    ...{ ...message, content: [content], stop_reason: reason, stop_sequence: null },
    usage: { input_tokens: 5, cache_read_input_tokens: 15, output_tokens: 7 },
  })
const started = [
  {
    type: 'message_start',
    message: {
      ...{ ...message, content: [], stop_reason: null, stop_sequence: null },
      usage: { input_tokens: 5, cache_read_input_tokens: 15, output_tokens: 1 },
    },
  },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hello there' } },
]
/** As Anthropic's Messages. */
export const anthropic: Dialect = {
  text: answered({ type: 'text', text: 'Hello there' }, 'end_turn'),
  toolCall: answered({ type: 'tool_use', id: 't1', name: 'look', input: { at: 'it' } }, 'tool_use'),
  stream: events(
    ...started,
    { type: 'content_block_stop', index: 0 },
    {
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { output_tokens: 7 },
    },
    { type: 'message_stop' },
  ),
  cutStream: cutEvents(...started),
}
