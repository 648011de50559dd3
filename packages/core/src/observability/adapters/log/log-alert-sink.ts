import { requireMethods, withDefaults } from '../../../errors/index.ts'
import type { Alert, AlertSink } from '../../alert-sink.ts'
import type { Logger } from '../../logger.ts'

/** Writes each alert as one log line: `critical` as an error, `warning` as a warning, `info` as information. */
export class LogAlertSink implements AlertSink {
  readonly #logger: Logger

  /** @throws InvalidOptionError `INVALID_OPTION` on what is no logger. */
  constructor(options: { readonly logger: Logger }) {
    const { logger } = withDefaults<typeof options, { logger: undefined }>(options, { logger: undefined })
    this.#logger = requireMethods('logger', logger, ['info', 'warn', 'error'])
  }

  raise({ summary: alertSummary, ...alert }: Alert): void {
    const fields = { ...alert, alertSummary }
    if (alert.severity === 'critical') this.#logger.error(fields, 'alert')
    else if (alert.severity === 'warning') this.#logger.warn(fields, 'alert')
    else this.#logger.info(fields, 'alert')
  }
}
