import { expect } from 'vitest'
import { type ExportedSpan, lineOf } from './trace-collector.ts'

/** Where each hop of a coding task may stand: its name, and the names that must stand above it, nearest first. */
const HOPS: readonly (readonly [name: RegExp, ...above: readonly RegExp[]])[] = [
  [/^process task\.created$/, /^POST \/api\/v1\/tasks$/],
  [/^look at task$/, /^POST \/api\/v1\/tasks$/],
  [/^publish task\.step\.requested\.agent-runtime$/, /^look at task$/, /^POST \/api\/v1\/tasks$/],
  [/^step generate$/, /^look at task$/, /^POST \/api\/v1\/tasks$/],
  [/^budget request$/, /^step generate$/, /^POST \/api\/v1\/tasks$/],
  [/^chat /, /^step generate$/, /^look at task$/, /^POST \/api\/v1\/tasks$/],
  [/^step test$/, /^look at task$/, /^POST \/api\/v1\/tasks$/],
  [/^sandbox execution$/, /^step test$/, /^look at task$/, /^POST \/api\/v1\/tasks$/],
  [/^step review$/, /^look at task$/, /^POST \/api\/v1\/tasks$/],
  [/^chat /, /^step review:security$/, /^step review$/, /^look at task$/, /^POST \/api\/v1\/tasks$/],
]

/** What is missing of one trace from the posting of a task to its end, every hop below its cause; none when it is whole. */
export function problemsOfTrace(spans: readonly ExportedSpan[]): readonly string[] {
  const trace = traceOfTask(spans)
  const known = new Set(trace.map(({ spanId }) => spanId))
  const lines = trace.map((span) => lineOf(trace, span).map(({ name }) => name))
  return [
    ...trace
      .filter(({ parentSpanId }) => parentSpanId !== '' && !known.has(parentSpanId))
      .map(({ name }) => `${name} stands below a span that is unknown`),
    ...HOPS.filter((hop) => !lines.some((line) => standsIn(line, hop))).map(
      (hop) => `there is no ${hop.join(' below ')}`,
    ),
  ]
}

/** Expects the spans of a task's trace to be furnished as conventions say; gives them. */
export function expectTaskTrace(spans: readonly ExportedSpan[], model: string): readonly ExportedSpan[] {
  const trace = traceOfTask(spans)
  const tops = trace.filter(({ parentSpanId }) => parentSpanId === '')
  expect(tops.map(({ name }) => name)).toEqual(['POST /api/v1/tasks'])
  const [post] = tops
  // Nobody works on the task beside its trace. What the sandbox executor runs beside it are its proofs that no guest gets out.
  const beside = spans.filter((span) => !trace.includes(span)).map(({ name }) => name)
  expect(beside.filter((name) => /^(chat|step|look)/.test(name))).toEqual([])
  expect(post).toMatchObject({
    kind: 2,
    attributes: {
      'http.request.method': 'POST',
      'http.route': '/api/v1/tasks',
      'http.response.status_code': 202,
      'url.path': '/api/v1/tasks',
    },
  })
  expect(trace.find(({ name }) => name.startsWith('chat '))).toMatchObject({
    name: `chat ${model}`,
    kind: 3,
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': model,
      'gen_ai.provider.name': expect.any(String),
      'gen_ai.request.max_tokens': expect.any(Number),
      'gen_ai.usage.input_tokens': expect.any(Number),
      'gen_ai.usage.output_tokens': expect.any(Number),
      'gen_ai.response.finish_reasons': ['stop'],
    },
  })
  expect(trace.find(({ name }) => name === 'sandbox execution')).toMatchObject({
    attributes: {
      'golden_arch.sandbox.status': 'completed',
      'golden_arch.sandbox.backend': expect.any(String),
    },
  })
  expect(trace.find(({ name }) => name === 'process task.created')).toMatchObject({
    kind: 5,
    attributes: { 'messaging.operation.type': 'process', 'messaging.destination.name': 'task.created' },
  })
  return trace
}

function traceOfTask(spans: readonly ExportedSpan[]): readonly ExportedSpan[] {
  const post = spans.find(({ name }) => name === 'POST /api/v1/tasks')
  return spans.filter(({ traceId }) => traceId === post?.traceId)
}

/** Whether the line begins with the first name, and the others stand in it in this order. */
function standsIn(line: readonly string[], names: readonly RegExp[]): boolean {
  if (names[0]?.test(line[0] ?? '') !== true) return false
  let at = 0
  for (const name of line) if (names[at]?.test(name) === true) at++
  return at === names.length
}
