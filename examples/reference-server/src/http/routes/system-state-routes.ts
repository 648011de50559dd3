import type { SqlDatabase } from '@golden-arch/core/storage'
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { IdentityKeys, ListedKey } from '../../identity/identity-keys.ts'
import { callerOf } from '../access/caller.ts'
import '../access/route-access.ts'
import { routeSchema } from '../route-schema.ts'
import { readServiceWork, type ServiceWork, serviceWorkSchema } from './system-work.ts'

/** What the route of the system's state works with. */
export interface SystemStateOptions {
  readonly database: SqlDatabase
  readonly keys: Pick<IdentityKeys, 'list'>
  readonly homeTenantId: string
  readonly version: string
}

const signingKeySchema = z.strictObject({
  id: z.string(),
  algorithm: z.string(),
  status: z
    .enum(['next', 'active', 'previous', 'retired', 'revoked', 'configured'])
    .describe(
      'active: it signs. previous: what it signed is still accepted. configured: it stands in the configuration.',
    ),
  since: z.iso
    .datetime()
    .nullable()
    .describe('When it came to be so; null where nobody has written that down.'),
  until: z.iso.datetime().nullable().describe('When that ends, where it is known.'),
})
const stateSchema = z
  .strictObject({
    version: z.string(),
    services: z.array(serviceWorkSchema).nullable().describe('null: told to the home tenant alone.'),
    signing_keys: z.array(signingKeySchema),
  })
  .meta({ id: 'SystemState', description: 'How the system stands, in all its processes.' })

const schema = routeSchema({
  summary: 'Shows how the work of each service stands, and which keys sign access tokens',
  description:
    'Of all tenants: the work is told to callers of the home tenant alone. Work that waits while nobody has any in hand says ' +
    'that no process of the service lives; what is lost, that one has died of late; what runs longer and longer, that it hangs.',
  tags: ['system'],
  response: { 200: stateSchema },
})

/** Adds `GET /api/v1/system`. Those who ask while it is read share one reading. */
export function addSystemStateRoutes(app: FastifyInstance, options: SystemStateOptions): void {
  const { database, keys, homeTenantId, version } = options
  let reading: Promise<ServiceWork[]> | undefined
  const read = (): Promise<ServiceWork[]> => {
    reading ??= readServiceWork(database).finally(() => {
      reading = undefined
    })
    return reading
  }
  app
    .withTypeProvider<ZodTypeProvider>()
    .get('/api/v1/system', { config: { permission: 'task:read' }, schema }, async (request) => {
      const isHome = callerOf(request).principal.tenantId === homeTenantId
      const [services, listed] = await Promise.all([isHome ? read() : null, keys.list()])
      return { version, services, signing_keys: listed.map(keyView) }
    })
}

function keyView({ keyId, algorithm, state }: ListedKey): z.infer<typeof signingKeySchema> {
  const key = { id: keyId, algorithm }
  switch (state.status) {
    case 'configured':
      return { ...key, status: 'configured', since: null, until: null }
    case 'next':
      return { ...key, status: 'next', since: null, until: state.activatesAt.toISOString() }
    case 'active':
      return { ...key, status: 'active', since: state.since.toISOString(), until: null }
    case 'previous':
      return {
        ...key,
        status: 'previous',
        since: state.since.toISOString(),
        until: state.retiresAt.toISOString(),
      }
    case 'retired':
      return {
        ...key,
        status: state.isRevoked ? 'revoked' : 'retired',
        since: state.since.toISOString(),
        until: null,
      }
  }
}
