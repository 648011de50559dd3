import { requireMethods, withDefaults } from '../../../errors/index.ts'
import type { Logger } from '../../../observability/index.ts'
import { type Checkpoint, checkpointText } from '../../checkpoints/checkpoint.ts'
import type { CheckpointSink } from '../../checkpoints/checkpoint-sink.ts'

/** Writes checkpoints as log lines under `checkpoint`, for a log that is shipped off the machine. */
export class LogCheckpointSink implements CheckpointSink {
  readonly #logger: Logger

  /** @throws InvalidOptionError `INVALID_OPTION` on what is no logger. */
  constructor(options: { readonly logger: Logger }) {
    const { logger } = withDefaults<typeof options, { logger: undefined }>(options, { logger: undefined })
    this.#logger = requireMethods('logger', logger, ['info', 'warn', 'error'])
  }

  /** Logs the checkpoint at level info. */
  async write(checkpoint: Checkpoint): Promise<void> {
    this.#logger.info({ checkpoint: checkpointText(checkpoint) }, 'audit checkpoint')
  }
}
