import type { AttemptKey, AttemptStore, Attempts } from '../ports/attempt-store.ts'

/**
 * Takes deliveries for starts of the handler, and stores nothing. Right only where every delivery is started at once,
 * so a consumer that counts this way fetches no more than it handles.
 */
export class DeliveryCountAttempts implements AttemptStore {
  async read(keys: readonly AttemptKey[]): Promise<readonly Attempts[]> {
    return keys.map(({ deliveries }) => ({ starts: deliveries - 1, isInterrupted: false, lastFailure: null }))
  }

  async start(keys: readonly AttemptKey[]): Promise<readonly number[]> {
    return keys.map(({ deliveries }) => deliveries)
  }

  async end(): Promise<void> {}
  async forget(): Promise<void> {}
  async prune(): Promise<void> {}
}
