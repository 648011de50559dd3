import type { SandboxFile, SandboxInputFile } from './execution-request.ts'

/** The files as the guest gets them, each in bytes. */
export function encodeFiles(files: readonly SandboxInputFile[]): readonly SandboxFile[] {
  return files.map(({ path, content }) => ({
    path,
    content: typeof content === 'string' ? Buffer.from(content) : content,
  }))
}
