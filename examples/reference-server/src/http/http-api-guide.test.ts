import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AssembledServer, SLOW_START_MS, startAssembledServer } from '../testing/assembled-server.ts'
import { readCurl } from '../testing/curl-call.ts'

const GUIDE = join(import.meta.dirname, '..', '..', '..', '..', 'docs', 'guides', 'http-api.md')
const TAGS = ['escalations', 'budget', 'dead letters', 'circuit breakers']
/** Routes that the guide names as other names of one that it calls. */
const ALIASES = ['GET /circuit-breakers', 'POST /admin/circuit-breaker/reset']
/** What the list shows as well. */
const LEFT_OUT = ['GET /api/v1/escalations/{id}']

interface Step {
  readonly calls: readonly string[]
  readonly answer: unknown
}

/** The calls of the guide, each block with the answer that follows it. */
const STEPS = [
  ...readFileSync(GUIDE, 'utf8').matchAll(/^```bash\n([\s\S]*?)^```\n\n```json\n([\s\S]*?)^```$/gm),
].map(
  ([, calls = '', answer = '']): Step => ({
    calls: calls.split(/\n(?=curl )/),
    answer: JSON.parse(answer),
  }),
)

let server: AssembledServer
const variables: Record<string, string> = {}

beforeAll(async () => {
  server = await startAssembledServer()
  server.system.breakers.get('model')
  const { rows } = await server.system.database.query<{ dlq_id: bigint }>(
    `INSERT INTO dlq_messages (tenant_id, message_id, original_subject, source_stream, source_seq, consumer, payload,
                               error, error_code, fingerprint, attempts)
     VALUES ('acme', 'm', 'tasks.completed', 'TASKS', 1, 'hub', '{}', 'task t not found', 'NOT_FOUND', 'one', 5)
     RETURNING dlq_id`,
  )
  const { escalation } = await server.system.database.transaction((tx) =>
    server.system.escalations.report(
      {
        tenantId: 'acme',
        subject: { kind: 'task', id: 'risky' },
        reason: 'review-vetoed',
        level: 'operator',
        evidence: {},
      },
      { tx },
    ),
  )
  Object.assign(variables, {
    ESCALATION_ID: escalation.escalationId,
    BASE: server.address,
    TOKEN: await server.tokenOf('admin'),
    USERNAME: 'admin@acme',
    PASSWORD: server.password,
    DLQ_ID: String(rows[0]?.dlq_id),
  })
}, SLOW_START_MS)
afterAll(() => server.stop())

describe('the guide to the HTTP API', () => {
  it('has each call followed by its answer', () => {
    const blocks = readFileSync(GUIDE, 'utf8').match(/^```bash$/gm) ?? []
    expect(STEPS).toHaveLength(blocks.length)
  })

  it('is answered as it says, from its first call to its last', async () => {
    for (const { calls, answer } of STEPS) {
      let told: unknown
      for (const line of calls) {
        const { url, method, headers, body } = readCurl(line, variables)
        const response = await fetch(url, { method, headers, ...(body === undefined ? {} : { body }) })
        told = await response.json()
        expect([line, response.ok, told]).toEqual([line, true, told])
      }
      expect(told, calls.at(-1)).toMatchObject(withoutAny(answer) as object)
    }
  })

  it('calls every route of escalations, budgets, dead letters and circuit breakers', async () => {
    const { body } = await server.call('GET', '/openapi.json')
    // The document as the API gives it, as far as this test reads it.
    const { paths } = body as { paths: Record<string, Record<string, { tags?: string[] }>> }
    const routes = Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations)
        .filter(([, { tags = [] }]) => tags.some((tag) => TAGS.includes(tag)))
        .map(([method]) => ({ name: `${method.toUpperCase()} ${path}`, method, path })),
    )
    const called = STEPS.flatMap(({ calls }) => calls.map((line) => readCurl(line, variables)))
    const missing = routes.filter(({ method, path }) => {
      const pattern = new RegExp(`^${path.replace(/\{\w+\}/g, '(?!groups$|reset_all$)[^/]+')}$`)
      const isCalled = called.some(
        (call) => call.method.toLowerCase() === method && pattern.test(new URL(call.url).pathname),
      )
      return !isCalled
    })
    expect(missing.map(({ name }) => name).toSorted()).toEqual([...ALIASES, ...LEFT_OUT].toSorted())
  })
})

/** The answer with its `…` as any value, alone or within a text. */
function withoutAny(value: unknown): unknown {
  if (value === '…') return expect.toSatisfy(() => true)
  if (typeof value === 'string' && value.includes('…')) {
    return expect.stringContaining(value.slice(0, value.indexOf('…')))
  }
  if (Array.isArray(value)) return value.map(withoutAny)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withoutAny(item)]))
}
