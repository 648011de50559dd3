import { createHash } from 'node:crypto'
import type { ExecutionRequest, SandboxFile, SandboxInputFile } from './execution-request.ts'
import type { GuestPlace, Provenance } from './execution-result.ts'

/** Says what ran where, with the hashes of all that went in and came out. */
export function provenanceOf(
  { code, files }: Pick<ExecutionRequest, 'code' | 'files'>,
  outputs: readonly SandboxFile[] | undefined,
  place: GuestPlace | undefined,
): Provenance {
  return {
    ...place,
    codeSha256: sha256(code),
    inputSha256: hashes(files),
    outputSha256: hashes(outputs),
  }
}

function hashes(files: readonly SandboxInputFile[] = []): Record<string, string> {
  return Object.fromEntries(files.map(({ path, content }) => [path, sha256(content)]))
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}
