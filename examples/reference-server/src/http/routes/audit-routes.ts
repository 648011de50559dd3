import { Readable } from 'node:stream'
import {
  type AuditLinker,
  AuditReader,
  type AuditRecord,
  exportAuditLog,
  type VerifyAuditLogOptions,
  verifyAuditLog,
} from '@golden-arch/core/audit'
import { isDecimalId } from '@golden-arch/core/errors'
import type { Metrics } from '@golden-arch/core/observability'
import type { SqlDatabase } from '@golden-arch/core/storage'
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { callerOf } from '../access/caller.ts'
import '../access/route-access.ts'
import type { AuditCheckpoints } from '../../open-audit-checkpoints.ts'
import { HttpError } from '../http-error.ts'
import { routeSchema, textAnswer } from '../route-schema.ts'

/** What the routes of the audit log work with. */
export interface AuditRoutesOptions {
  readonly database: SqlDatabase
  /** Gives entries that wait their place in the chain before the chain is read. */
  readonly linker: AuditLinker
  /** What a verification compares the chain with; undefined: nothing outside the database. */
  readonly checkpoints: AuditCheckpoints | undefined
  readonly metrics: Metrics
}

const READ = { permission: 'audit:read' } as const
const VERIFY_TIMEOUT_MS = 60_000
const name = z.string().min(1).max(512).optional()
const instant = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text))
  .refine(
    (date) => date.getUTCFullYear() >= 1 && date.getUTCFullYear() <= 9999,
    'must be of the years 1 to 9999',
  )
  .optional()

const listQuery = z.strictObject({
  actor: name,
  action: name,
  resource: name,
  outcome: z.enum(['allowed', 'denied', 'failed']).optional(),
  from: instant,
  before: instant,
  cursor: z.string().max(64).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})
const exportQuery = z.strictObject({
  after_sequence: z
    .string()
    .refine((text) => text === '0' || isDecimalId(text), 'must be a sequence')
    .optional(),
})

const entrySchema = z
  .strictObject({
    id: z.string(),
    sequence: z.string().nullable().describe('Its place in the chain; null until it has one.'),
    at: z.iso.datetime(),
    actor: z.strictObject({ id: z.string(), kind: z.string() }),
    request_id: z.string().nullable(),
    action: z.string(),
    resource: z.string(),
    outcome: z.enum(['allowed', 'denied', 'failed']),
    details: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'AuditEntry', description: 'Who did what, and how it ended.' })
const verificationSchema = z
  .union([
    z.strictObject({
      ok: z.literal(true),
      entries: z.int(),
      last_sequence: z.string().nullable(),
      confirmed_sequence: z.string().nullable(),
    }),
    z.strictObject({
      ok: z.literal(false),
      entries: z.int(),
      first_bad_sequence: z.string().nullable(),
      reason: z.string(),
    }),
  ])
  .meta({ id: 'AuditVerification', description: 'Whether the chain is whole, and where it breaks.' })

const listSchema = routeSchema({
  summary: 'Lists the audit log, the newest entry first',
  tags: ['audit'],
  querystring: listQuery,
  response: { 200: z.strictObject({ entries: z.array(entrySchema), next_cursor: z.string().nullable() }) },
})
const verifySchema = routeSchema({
  summary: 'Verifies the chain of the audit log',
  tags: ['audit'],
  response: { 200: verificationSchema },
})
const exportSchema = routeSchema({
  summary: 'Exports the audit log as JSON Lines, the oldest entry first',
  tags: ['audit'],
  querystring: exportQuery,
  response: { 200: textAnswer('application/x-ndjson') },
})

/** Adds `GET /api/v1/audit`, `/api/v1/audit/verify` and `/api/v1/audit/export`: the caller's tenant alone. */
export function addAuditRoutes(app: FastifyInstance, options: AuditRoutesOptions): void {
  const { database, linker, checkpoints, metrics } = options
  const trust = (): Pick<VerifyAuditLogOptions, 'keys' | 'checkpoints'> =>
    checkpoints === undefined ? {} : { keys: checkpoints.keys, checkpoints: checkpoints.read() }
  const reader = new AuditReader({ database })
  const routes = app.withTypeProvider<ZodTypeProvider>()
  const verifying = new Set<string>()

  routes.get('/api/v1/audit', { config: READ, schema: listSchema }, async (request) => {
    const { actor, action, resource, outcome, from, before, cursor, limit } = request.query
    const page = await reader.query({
      tenantId: callerOf(request).principal.tenantId,
      limit,
      ...(actor === undefined ? {} : { actorId: actor }),
      ...(action === undefined ? {} : { action }),
      ...(resource === undefined ? {} : { resource }),
      ...(outcome === undefined ? {} : { outcome }),
      ...(from === undefined ? {} : { from }),
      ...(before === undefined ? {} : { before }),
      ...(cursor === undefined ? {} : { cursor }),
    })
    return { entries: page.items.map(recordView), next_cursor: page.nextCursor }
  })

  routes.get('/api/v1/audit/verify', { config: READ, schema: verifySchema }, async (request, reply) => {
    const { tenantId } = callerOf(request).principal
    // It reads the whole chain: once at a time for each tenant in a process.
    if (verifying.has(tenantId))
      throw new HttpError(503, 'AUDIT_VERIFY_BUSY', 'a verification runs, try again')
    verifying.add(tenantId)
    try {
      const signal = AbortSignal.any([endOf(reply), AbortSignal.timeout(VERIFY_TIMEOUT_MS)])
      await linker.linkTenant(tenantId, { signal })
      const found = await verifyAuditLog({ database, tenantId, signal, metrics, ...trust() })
      const answer: z.infer<typeof verificationSchema> = found.ok
        ? {
            ok: true,
            entries: found.entries,
            last_sequence: found.lastSequence,
            confirmed_sequence: found.confirmedSequence,
          }
        : {
            ok: false,
            entries: found.entries,
            first_bad_sequence: found.firstBadSequence,
            reason: found.reason,
          }
      return answer
    } catch (error) {
      // The file system's: without its checkpoints a chain would pass for more than it is proven to be.
      if (error instanceof Error && 'syscall' in error)
        throw new HttpError(503, 'AUDIT_CHECKPOINTS_AWAY', 'the checkpoints cannot be read, try again')
      throw error
    } finally {
      verifying.delete(tenantId)
    }
  })

  routes.get('/api/v1/audit/export', { config: READ, schema: exportSchema }, async (request, reply) => {
    const { tenantId } = callerOf(request).principal
    const { after_sequence: afterSequence } = request.query
    const signal = endOf(reply)
    await linker.linkTenant(tenantId, { signal })
    const lines = exportAuditLog({
      database,
      tenantId,
      signal,
      ...(afterSequence === undefined ? {} : { afterSequence }),
    })
    return reply.type('application/x-ndjson; charset=utf-8').send(Readable.from(withLineEnds(lines)))
  })
}

async function* withLineEnds(lines: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  for await (const line of lines) yield `${line}\n`
}

/** Fires when the client has its answer, or has gone. */
function endOf(reply: FastifyReply): AbortSignal {
  const ended = new AbortController()
  reply.raw.once('close', () => ended.abort())
  return ended.signal
}

function recordView(record: AuditRecord): z.infer<typeof entrySchema> {
  const { entryId, at, actor, action, resource, outcome, details, sequence } = record
  return {
    id: entryId,
    sequence,
    at: at.toISOString(),
    actor: { id: actor.id, kind: actor.kind },
    request_id: actor.requestId ?? null,
    action,
    resource,
    outcome,
    details,
  }
}
