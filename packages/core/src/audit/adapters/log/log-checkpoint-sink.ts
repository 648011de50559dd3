import type { Logger } from '../../../observability/index.ts'
import { type Checkpoint, checkpointText } from '../../checkpoints/checkpoint.ts'
import type { CheckpointSink } from '../../checkpoints/checkpoint-sink.ts'

/** Writes checkpoints as log lines under `checkpoint`, for a log that is shipped off the machine. */
export class LogCheckpointSink implements CheckpointSink {
  readonly #logger: Logger

  constructor(options: { readonly logger: Logger }) {
    this.#logger = options.logger
  }

  /** Logs the checkpoint at level info. */
  async write(checkpoint: Checkpoint): Promise<void> {
    this.#logger.info({ checkpoint: checkpointText(checkpoint) }, 'audit checkpoint')
  }
}
