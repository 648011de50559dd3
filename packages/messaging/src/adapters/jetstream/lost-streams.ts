import { isGoldenError } from '@golden-arch/core/errors'
import type { AlertSink, Logger } from '@golden-arch/core/observability'
import type { EnsureReport } from '../../ports/message-broker.ts'
import type { StreamDefinition } from '../../streams/stream-definition.ts'
import { matchesSubject } from '../../streams/subject-pattern.ts'

/** What making streams anew needs. */
export interface LostStreamsOptions {
  readonly ensure: (streams: readonly StreamDefinition[]) => Promise<EnsureReport>
  /** First words of the subjects of the dead-letter stream, which is made with the others. */
  readonly deadLetterSubject: string
  readonly alerts: AlertSink
  readonly logger: Logger
}

/** Makes streams anew that a broker had made and the server has lost, as one does that came back without its disk. */
export class LostStreams {
  readonly #options: LostStreamsOptions
  readonly #definitions = new Map<string, StreamDefinition>()
  #restoring: Promise<void> | undefined

  constructor(options: LostStreamsOptions) {
    this.#options = options
  }

  /** From now on these are to be there. */
  remember(streams: readonly StreamDefinition[]): void {
    for (const definition of streams) this.#definitions.set(definition.stream, definition)
  }

  /**
   * Makes those anew that are not there, and raises an alert: what they held that nobody had settled is gone. Calls that
   * come meanwhile share the work. @throws as `ensure`.
   */
  async restore(): Promise<void> {
    this.#restoring ??= this.#restore().finally(() => {
      this.#restoring = undefined
    })
    await this.#restoring
  }

  /** Does so where a publication failed because no stream took a subject that one of these takes. Throws nothing. */
  async restoreFor(subject: string, error: unknown): Promise<void> {
    if (!isGoldenError(error, 'STREAM_NOT_FOUND')) return
    const taken = [...this.#definitions.values()].flatMap(({ subjects }) => subjects)
    const known = [...taken, `${this.#options.deadLetterSubject}.>`]
    if (taken.length === 0 || !known.some((pattern) => matchesSubject(pattern, subject))) return
    try {
      await this.restore()
    } catch (failure) {
      this.#options.logger.warn({ err: failure, subject }, 'lost streams could not be made anew')
    }
  }

  async #restore(): Promise<void> {
    const { ensure, alerts, logger } = this.#options
    const { created } = await ensure([...this.#definitions.values()])
    if (created.length === 0) return
    logger.error({ streams: created }, 'the server had lost streams, which are made anew')
    alerts.raise({
      kind: 'streams.lost',
      severity: 'critical',
      summary: `NATS had lost ${created.join(', ')}; made anew and empty. What nobody had settled is to be published again.`,
      key: 'streams.lost',
      details: { streams: created },
    })
  }
}
