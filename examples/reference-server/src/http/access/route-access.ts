import type { Permission } from '@golden-arch/core/security'
import type { FastifyInstance } from 'fastify'
import type { Caller } from './caller.ts'

/** What a rate limit says when the store that it is shared by does not answer. */
export type LimitPolicy = 'degrade' | 'closed' | 'open'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the caller must be allowed. Every route has this or `public`, never both. */
    permission?: Permission
    /** Whether anybody may call. */
    public?: true
    /** Whether this tells of the system and of no tenant: only the home tenant may call, as with `breaker:manage` and `system:manage`. */
    isOfSystem?: true
    /** What holds for the rate limit of this route when its store does not answer. Default `degrade`. */
    limitPolicy?: LimitPolicy
    /** Whether this route is asked by machines that watch, and has a limit of its own for them. */
    isProbe?: true
    /** Whether people come in by this route: it has a limit of its own by address, so that no other call keeps them out. */
    isSignIn?: true
    /** Whether people leave by this route: it has a limit of its own by address, so that no other call keeps them in. */
    isSignOut?: true
    /** Whether browsers open this by themselves, several parts at once or again after a break: it has a limit of its own. */
    isOpenedByBrowsers?: true
    /** Whether this route gives files that a page is made of, dozens at once: it has a limit of its own. */
    isPartOfPage?: true
  }
  interface FastifyRequest {
    /** Who calls; undefined on a public route. Read it by `callerOf`. */
    caller: Caller | undefined
  }
}

/** Refuses each route added from now on that does not say who may call it, so that such a server does not start. */
export function requireAccessOfEachRoute(app: FastifyInstance): void {
  app.addHook('onRoute', ({ method, url, config }) => {
    const says = [config?.permission !== undefined, config?.public === true].filter(Boolean).length
    if (says !== 1) {
      throw new Error(`${String(method)} ${url}: a route has either a permission or public: true`)
    }
  })
}
