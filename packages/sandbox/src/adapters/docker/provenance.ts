import { createHash } from 'node:crypto'
import type { SandboxFile } from '../../execution-request.ts'
import type { GuestOutcome, Provenance } from '../../execution-result.ts'
import type { GuestProgram } from '../../ports/sandbox-backend.ts'
import type { DockerRuntime } from './docker-runtime.ts'
import type { SandboxRules } from './sandbox-rules.ts'

/** Where a program ran. */
export interface RunPlace {
  readonly imageId: string
  readonly runtime: DockerRuntime
  readonly rules: SandboxRules
  readonly isWarmStart: boolean
}

/** Says what ran where, with the hashes of all that went in and came out. */
export function provenanceOf(
  place: RunPlace,
  program: GuestProgram,
  outcome: Pick<GuestOutcome, 'files'>,
): Provenance {
  const { imageId, runtime, rules, isWarmStart } = place
  return {
    imageId,
    runtime,
    isWarmStart,
    rules: { ...rules },
    codeSha256: sha256(program.code),
    inputSha256: hashes(program.files),
    outputSha256: hashes(outcome.files),
  }
}

function hashes(files: readonly SandboxFile[] = []): Record<string, string> {
  return Object.fromEntries(files.map(({ path, content }) => [path, sha256(content)]))
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}
