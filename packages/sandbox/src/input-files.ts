import type { SandboxFile } from './execution-request.ts'

/** A file that goes in with the program. */
export interface SandboxInputFile extends Pick<SandboxFile, 'path'> {
  /** Bytes, or text that becomes UTF-8. */
  readonly content: string | Uint8Array
}

/** The files as the guest gets them, each in bytes. */
export function encodeFiles(files: readonly SandboxInputFile[]): readonly SandboxFile[] {
  return files.map(({ path, content }) => ({
    path,
    content: typeof content === 'string' ? Buffer.from(content) : content,
  }))
}
