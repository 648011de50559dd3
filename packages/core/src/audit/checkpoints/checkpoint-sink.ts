import type { Checkpoint } from './checkpoint.ts'

/** Where checkpoints go: a place that whoever may change the database may not change. */
export interface CheckpointSink {
  /** Resolves once the checkpoint is kept. Writing one twice does no harm. */
  write(checkpoint: Checkpoint): Promise<void>
}
