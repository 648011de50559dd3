import type { CircuitBreakerRegistry } from '@golden-arch/core/resilience'
import type { JetStreamBroker } from '@golden-arch/messaging/jetstream'
import type { Redis } from 'ioredis'
import type { Registry } from 'prom-client'
import type { Reach } from './await-dependency.ts'
import type { Configuration } from './configuration.ts'
import type { Health } from './health.ts'
import type { ServerRole } from './server-role.ts'
import type { SharedParts } from './shared-parts.ts'

/** What the services of a process work with: opened once, closed in reverse. */
export interface ServerContext extends SharedParts {
  readonly configuration: Configuration
  readonly version: string
  readonly roles: readonly ServerRole[]
  /** Tenant of the administrator and of the demo. */
  readonly tenantId: string
  readonly projectId: string
  /** Whether no other process can have the database open. */
  readonly isExclusive: boolean
  /** Undefined where there is none: nothing is shared then but by the database. */
  readonly redis: Redis | undefined
  /** The broker, where it is NATS JetStream; else the broker is the database. */
  readonly jetstream: JetStreamBroker | undefined
  readonly breakers: CircuitBreakerRegistry
  readonly registry: Registry
  readonly health: Health
  /** Where the second listener is; undefined without one. */
  readonly watchAddress: string | undefined
  /** How a service that is made asks the database for the first time. */
  readonly reach: Reach
  /** Called when everything has stopped, the last one first. */
  closeLater(close: () => Promise<void>): void
}
