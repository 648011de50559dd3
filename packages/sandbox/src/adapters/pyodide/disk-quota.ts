/** The part of a file of Emscripten's in-memory file system that we read. */
interface MemoryFile {
  readonly contents?: { readonly length: number } | null
}

/** The part of Emscripten's in-memory file system that we bound. */
export interface MemoryFileSystem {
  expandFileStorage(file: MemoryFile, capacityBytes: number): void
  resizeFileStorage(file: MemoryFile, sizeBytes: number): void
}

/**
 * Bounds the bytes that files may take, from now on and all together: they lie outside of the memory that the engine bounds.
 * Space is given back where a file shrinks, not where it is removed. `full` makes the error that a writer meets.
 */
export function limitDisk(files: MemoryFileSystem, limitBytes: number, full: () => Error): void {
  let usedBytes = 0
  const bounded =
    (change: (file: MemoryFile, sizeBytes: number) => void) =>
    (file: MemoryFile, sizeBytes: number): void => {
      const beforeBytes = file.contents?.length ?? 0
      if (usedBytes + sizeBytes - beforeBytes > limitBytes) throw full()
      change(file, sizeBytes)
      usedBytes += (file.contents?.length ?? 0) - beforeBytes
    }
  files.expandFileStorage = bounded(files.expandFileStorage.bind(files))
  files.resizeFileStorage = bounded(files.resizeFileStorage.bind(files))
}
