import { type FileHandle, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** Writes every file and folder below `folder`, and `folder` itself, through to the disk. */
export async function fsyncTree(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) await fsyncTree(path)
    else if (entry.isFile()) await fsyncPath(path, 'file')
  }
  await fsyncPath(folder, 'folder')
}

/** Writes one file, or the entries of one folder, through to the disk. Windows knows no such thing for folders. */
export async function fsyncPath(path: string, kind: 'file' | 'folder'): Promise<void> {
  if (kind === 'folder' && process.platform === 'win32') return
  const handle: FileHandle = await open(path, kind === 'file' && process.platform === 'win32' ? 'r+' : 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
