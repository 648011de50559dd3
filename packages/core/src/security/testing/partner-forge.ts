import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { FakeClock } from '../../time/testing/index.ts'
import {
  type ForeignIssuerOptions,
  MemoryRevocationStore,
  TokenRevocations,
  TokenVerifier,
} from '../index.ts'
import {
  FORGE_AUDIENCE,
  FORGE_ISSUER,
  type ForgedParts,
  type ForgeParty,
  forge,
  forgeClock,
  openPairParty,
} from './token-forge.ts'

/** The foreign issuer of these suites. */
export const PARTNER = 'https://login.partner.example/'
/** A JWK as one writes it down. */
type WrittenJwk = Readonly<Record<string, unknown>>

/** Our own issuer, the foreign one, and somebody whom nobody trusts. */
export const own: ForgeParty = await openPairParty('ES256')
export const partner: ForgeParty = await openPairParty('ES256')
export const stranger: ForgeParty = await openPairParty('ES256')
/** The partner's public key. */
export const partnerJwk: WrittenJwk = await jwkOf(partner)

/** The public key of a party. */
export async function jwkOf(party: ForgeParty): Promise<WrittenJwk> {
  const [jwk] = (await party.keys.jwks()).jwks.keys
  if (jwk === undefined) throw new Error('no key')
  return { ...jwk }
}

const servers: Server[] = []

/** A listener on loopback, and how many connections it has seen. */
interface Listener {
  readonly url: string
  readonly seen: { connections: number }
}

/** Listens on a free port of loopback until {@link closeListeners}. */
export async function listen(answer: RequestListener): Promise<Listener> {
  const server = createServer(answer)
  const seen = { connections: 0 }
  server.on('connection', () => void seen.connections++)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  servers.push(server)
  // A server that listens on TCP has an address with a port.
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/jwks.json`, seen }
}

/** Ends all listeners and their connections; call it after each test. */
export async function closeListeners(): Promise<void> {
  for (const server of servers.splice(0)) {
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }
}

/** Answers with a body as JSON; a text is sent as it is. */
export function json(body: unknown): RequestListener {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return (_request, response) => void response.setHeader('content-type', 'application/json').end(text)
}

/** A verifier of our own tokens and the partner's, and what belongs to it. */
export interface PartnerVerifier {
  readonly verifier: TokenVerifier
  readonly revocations: TokenRevocations
  readonly clock: FakeClock
}

/** Opens a verifier that fetches the partner's keys from `jwksUrl`. */
export function open(jwksUrl: string, options: Partial<ForeignIssuerOptions> = {}): PartnerVerifier {
  const clock = forgeClock()
  const revocations = new TokenRevocations({ store: new MemoryRevocationStore({ clock }), clock })
  const foreign: ForeignIssuerOptions = {
    issuer: PARTNER,
    jwksUrl,
    audience: FORGE_AUDIENCE,
    algorithms: ['ES256'],
    tenants: ['partner'],
    roles: ['observer', 'developer'],
    allowLoopbackHttp: true,
    mapClaims: ({ sub }) => ({
      subject: `partner|${String(sub)}`,
      kind: 'human',
      role: 'observer',
      tenantId: 'partner',
    }),
    ...options,
  }
  const settings = { keys: own.keys, issuer: FORGE_ISSUER, audience: FORGE_AUDIENCE, revocations, clock }
  return { verifier: new TokenVerifier({ ...settings, foreignIssuers: [foreign] }), revocations, clock }
}

/** A token of the partner, or of `party` in the partner's name. */
export function partnerToken(parts: ForgedParts = {}, party: ForgeParty = partner): string {
  return forge(party, { ...parts, claims: { iss: PARTNER, ...parts.claims } })
}
