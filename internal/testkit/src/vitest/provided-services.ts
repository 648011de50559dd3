import type { ServiceName } from '../service.ts'

/** What the run's set-up tells the test files of one service. */
export type ProvidedAnswer =
  | { readonly state: 'running'; readonly address: string; readonly version: string; readonly how: string }
  | { readonly state: 'unavailable'; readonly reason: string }
  /** No selected test file asked for it. */
  | { readonly state: 'not asked' }

/** One answer for each service. */
export type ProvidedServices = Readonly<Record<ServiceName, ProvidedAnswer>>

declare module 'vitest' {
  interface ProvidedContext {
    services: ProvidedServices
  }
}
