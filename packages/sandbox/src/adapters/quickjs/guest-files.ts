import type { SandboxFile } from '../../execution-request.ts'
import type { GuestError } from '../../execution-result.ts'
import type { FileBounds } from '../../file-bounds.ts'
import { isSafePath } from '../../file-path.ts'

/** How a program ends whose files are refused. */
export interface FileRefusal {
  readonly status: 'failed' | 'out-of-memory' | 'output-limit'
  readonly error: GuestError
}

/** Files that came back, or how a program ends whose files are refused. */
export type CollectedFiles = { readonly files: readonly SandboxFile[] } | FileRefusal

/** The files below `out/` as the guest's side of the interpreter tells them; none of it is believed. */
export interface GuestFileList {
  /** NaN where it could not be had. */
  readonly count: number
  /** Path with `out/`, and the least number of bytes that the content has. */
  head(index: number): { readonly path: string; readonly leastBytes: number }
  /** The content; undefined where it could not be had. */
  content(index: number): Uint8Array | undefined
}

const FOLDER = 'out/'

/** Takes what a guest left below `out/`, all or nothing, and never more than the bounds. */
export function collectFiles(list: GuestFileList, { filesLimitBytes, maxFiles }: FileBounds): CollectedFiles {
  if (Number.isNaN(list.count)) return UNREADABLE
  if (list.count > maxFiles) return TOO_MANY
  const files: SandboxFile[] = []
  const seen = new Set<string>()
  let leftBytes = filesLimitBytes
  for (let index = 0; index < list.count; index++) {
    const { path: fullPath, leastBytes } = list.head(index)
    const path = fullPath.slice(FOLDER.length)
    if (!fullPath.startsWith(FOLDER) || !isSafePath(path) || seen.has(path.toLowerCase())) return UNSAFE
    seen.add(path.toLowerCase())
    if (leastBytes > leftBytes) return TOO_LARGE
    const content = list.content(index)
    if (content === undefined) return UNREADABLE
    leftBytes -= content.byteLength
    if (leftBytes < 0) return TOO_LARGE
    files.push({ path, content })
  }
  return { files }
}

const TOO_MANY = refusal('output-limit', 'TooManyFiles', 'there are more files below out/ than allowed')
const TOO_LARGE = refusal('output-limit', 'FilesTooLarge', 'the files below out/ are larger than allowed')
const UNSAFE = refusal('failed', 'UnsafeFile', 'two paths below out/ differ in case alone, or one is unsafe')
const UNREADABLE = refusal('out-of-memory', 'InternalError', 'out of memory')

function refusal(status: FileRefusal['status'], name: string, message: string): FileRefusal {
  return Object.freeze({ status, error: Object.freeze({ name, message, stack: '' }) })
}
