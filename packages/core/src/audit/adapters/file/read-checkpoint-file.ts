import { open } from 'node:fs/promises'
import { type Checkpoint, readCheckpoint } from '../../checkpoints/checkpoint.ts'

/**
 * The checkpoints of a file that {@link FileCheckpointSink} wrote, line by line. A line that a crash tore is passed
 * over: its checkpoint was never confirmed. Signatures are for the verification to judge.
 * @throws the file system's error when the file cannot be read.
 */
export async function* readCheckpointFile(path: string): AsyncGenerator<Checkpoint, void, undefined> {
  const file = await open(path)
  try {
    for await (const line of file.readLines({ autoClose: false })) {
      const checkpoint = line.trim() === '' ? undefined : checkpointOf(line)
      if (checkpoint !== undefined) yield checkpoint
    }
  } finally {
    await file.close()
  }
}

function checkpointOf(line: string): Checkpoint | undefined {
  try {
    return readCheckpoint(line)
  } catch {
    return undefined
  }
}
