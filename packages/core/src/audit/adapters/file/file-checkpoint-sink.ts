import { open } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { requireText, withDefaults } from '../../../errors/index.ts'
import { type Checkpoint, checkpointText } from '../../checkpoints/checkpoint.ts'
import type { CheckpointSink } from '../../checkpoints/checkpoint-sink.ts'

/**
 * Appends checkpoints to a file, one JSON line each, and waits until the disk has them. Several processes may append to
 * one file. Put it on another machine or volume than the database: who may change both can rewrite both.
 */
export class FileCheckpointSink implements CheckpointSink {
  readonly #path: string

  /** @throws InvalidOptionError `INVALID_OPTION` on an empty path. */
  constructor(options: { readonly path: string }) {
    const { path } = withDefaults<typeof options, { path: undefined }>(options, { path: undefined })
    this.#path = resolve(requireText('path', path, 4096))
  }

  /** @throws the file system's error when the line could not be written and flushed. */
  async write(checkpoint: Checkpoint): Promise<void> {
    const file = await open(this.#path, 'a', 0o640)
    try {
      // A line begins with its own line end: where a crash tore the line before, this one still stands alone.
      await file.appendFile(`\n${checkpointText(checkpoint)}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
    await flushFolder(dirname(this.#path))
  }
}

/** Makes a new file's name durable; a system that cannot flush folders keeps them safe by itself. */
async function flushFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync().catch((error: unknown) => {
      const code = error instanceof Error && 'code' in error ? error.code : undefined
      if (code !== 'EPERM' && code !== 'EINVAL' && code !== 'EISDIR') throw error
    })
  } finally {
    await folder.close()
  }
}
