import type { Logger } from '@golden-arch/core/observability'
import type { Clock } from '@golden-arch/core/time'
import type { ResolvedEgressOptions } from './egress-options.ts'
import { type EgressAttempt, EgressProxy } from './egress-proxy.ts'
import { RelayChannel } from './relay-channel.ts'

/** What a gate needs. */
export interface EgressGateOptions {
  readonly egress: ResolvedEgressOptions
  readonly clock: Clock
  readonly logger: Logger
  /** Names the sandbox in log lines. */
  readonly sandbox: string
  /** Sends bytes to the relay in the sandbox; `onSent` is called once they wait here no more. */
  readonly send: (data: Buffer, onSent: () => void) => void
  /** Ends the relay, so that programs need not wait for what will never come. */
  readonly cut: () => void
  /** Hears of every decision. */
  readonly onAttempt: (attempt: EgressAttempt) => void
}

/** The way out of one sandbox: connections that its relay carries to a proxy of the host. */
export class EgressGate {
  readonly #channel: RelayChannel
  readonly #cut: () => void

  constructor({ egress, clock, logger, sandbox, send, cut, onAttempt }: EgressGateOptions) {
    const proxy = new EgressProxy(egress, clock, (attempt) => {
      onAttempt(attempt)
      const message = attempt.refusal === undefined ? 'sandbox egress allowed' : 'sandbox egress refused'
      logger.info({ sandbox, ...attempt }, message)
    })
    this.#cut = cut
    this.#channel = new RelayChannel({
      ...egress,
      send,
      onConnection: (connection) => proxy.take(connection),
      onBreach: (breach) => {
        logger.warn({ sandbox, breach }, 'sandbox egress closed')
        cut()
      },
    })
  }

  /** Takes bytes from the relay. */
  push(data: Buffer): void {
    this.#channel.push(data)
  }

  /** Ends every connection; nothing gets out any more. Harmless twice. */
  close(): void {
    this.#channel.close()
    this.#cut()
  }
}
