import { isGoldenError } from '@golden-arch/core/errors'
import type { AlertSink, Logger } from '@golden-arch/core/observability'
import type { DeadLetter } from '../../dead-letters/dead-letter.ts'
import { writeDeadLetter } from '../../dead-letters/dead-letter-message.ts'
import type { OutgoingMessage, Receipt } from '../../ports/message-broker.ts'

/** What a hand-off is made of. */
export interface HandOffOptions {
  readonly publish: (message: OutgoingMessage) => Promise<Receipt>
  /** First words of the subjects of the dead-letter stream. */
  readonly subject: string
  readonly alerts: AlertSink
  readonly logger: Logger
}

/**
 * Stores a dead letter in the dead-letter stream; resolves only once it is acknowledged there, true, or has failed, false.
 * Only after true may the message leave its own stream. A payload that does not fit beside the failure stays there.
 */
export async function handOffDeadLetter(letter: DeadLetter, options: HandOffOptions): Promise<boolean> {
  const { publish, subject } = options
  try {
    try {
      await publish(writeDeadLetter(letter, subject, false))
    } catch (error) {
      if (!isGoldenError(error, 'PAYLOAD_TOO_LARGE')) throw error
      await publish(writeDeadLetter(letter, subject, true))
    }
    return true
  } catch (error) {
    const { stream, consumer } = letter.source
    options.logger.error(
      { err: error, stream, consumer, sequence: letter.source.sequence },
      'dead letter not handed over; the message stays',
    )
    options.alerts.raise({
      kind: 'deadLetter.handOffFailed',
      severity: 'critical',
      summary: `A message of ${stream} was given up but could not be handed over; it stays and comes again.`,
      key: `${stream}/${consumer}`,
      details: { stream, consumer, error: error instanceof Error ? error.message : String(error) },
    })
    return false
  }
}
