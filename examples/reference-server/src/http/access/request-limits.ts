import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Principal } from '../principal.ts'

/** Counts calls, tells the caller in headers how many are left, and refuses those beyond the limit. */
export interface RequestLimits {
  /** @throws HttpError 429 beyond the limit of the caller's role. */
  take(principal: Principal, request: FastifyRequest, reply: FastifyReply): Promise<void>
  /** Counts against the address. @throws HttpError 429 beyond the limit. */
  takeAnonymous(request: FastifyRequest, reply: FastifyReply): Promise<void>
}

/** No limits at all. */
export const NO_LIMITS: RequestLimits = { take: async () => undefined, takeAnonymous: async () => undefined }
