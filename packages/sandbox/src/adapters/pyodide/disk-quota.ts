/** The part of a file of Emscripten's in-memory file system that we read. */
interface MemoryFile {
  readonly contents?: { readonly length: number } | null
}

/** What writes to an open file. */
interface MemoryFileWriter {
  write(
    stream: { readonly node: MemoryFile },
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: number,
    canOwn?: boolean,
  ): number
}

/** The part of Emscripten's in-memory file system that we bound. */
export interface MemoryFileSystem {
  expandFileStorage(file: MemoryFile, capacityBytes: number): void
  resizeFileStorage(file: MemoryFile, sizeBytes: number): void
  readonly stream_ops: MemoryFileWriter
  /** Holds the same writer, for the files that are open. */
  readonly ops_table: { readonly file: { readonly stream: MemoryFileWriter } }
}

/**
 * Bounds the bytes that files may take, from now on and all together: they lie outside of the memory that the engine bounds.
 * Space is given back where a file shrinks, not where it is removed. `full` makes the error that a writer meets.
 */
export function limitDisk(files: MemoryFileSystem, limitBytes: number, full: () => Error): void {
  let usedBytes = 0
  const requireRoom = (file: MemoryFile, sizeBytes: number): void => {
    if (usedBytes + sizeBytes - lengthOf(file) > limitBytes) throw full()
  }
  /** Counts by what a file has grown, whatever is counted within. */
  const counted = <T>(file: MemoryFile, change: () => T): T => {
    const beforeBytes = usedBytes - lengthOf(file)
    const result = change()
    usedBytes = Math.max(0, beforeBytes + lengthOf(file))
    return result
  }
  const bounded =
    (change: (file: MemoryFile, sizeBytes: number) => void) =>
    (file: MemoryFile, sizeBytes: number): void => {
      requireRoom(file, sizeBytes)
      counted(file, () => change(file, sizeBytes))
    }
  files.expandFileStorage = bounded(files.expandFileStorage.bind(files))
  files.resizeFileStorage = bounded(files.resizeFileStorage.bind(files))
  const write = files.stream_ops.write.bind(files.stream_ops)
  const boundedWrite: MemoryFileWriter['write'] = (stream, buffer, offset, length, position, canOwn) => {
    const { node } = stream
    // The first write to an empty file takes its room without asking for it.
    if (length > 0 && position + length > lengthOf(node)) requireRoom(node, position + length)
    return counted(node, () => write(stream, buffer, offset, length, position, canOwn))
  }
  files.stream_ops.write = boundedWrite
  files.ops_table.file.stream.write = boundedWrite
}

function lengthOf({ contents }: MemoryFile): number {
  return contents?.length ?? 0
}
