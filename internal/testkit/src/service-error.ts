import type { ServiceName, Way } from './service.ts'

/** Why one way did not lead to a service. */
export interface FailedWay {
  readonly way: Way
  readonly reason: string
}

/** No way led to the service; the message names each way and its reason, on one line. */
export class ServiceUnavailableError extends Error {
  override readonly name = 'ServiceUnavailableError'
  readonly service: ServiceName
  readonly failedWays: readonly FailedWay[]

  constructor(service: ServiceName, failedWays: readonly FailedWay[]) {
    const reasons = failedWays.map(({ way, reason }) => `${way}: ${reason}`)
    super(`no ${service}: ${reasons.length === 0 ? 'no way is allowed' : reasons.join('; ')}`)
    this.service = service
    this.failedWays = failedWays
  }
}

/** What was thrown, on one line of at most 300 characters. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  const line = text.trim().replaceAll(/\s*\n\s*/g, ' | ')
  return line.length <= 300 ? line : `${line.slice(0, 297)}...`
}
