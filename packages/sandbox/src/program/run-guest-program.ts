import { randomBytes } from 'node:crypto'
import type { Clock } from '@golden-arch/core/time'
import type { FileBounds } from '../file-bounds.ts'
import type { GuestProgram, OutputListener } from '../ports/sandbox-backend.ts'
import { EndFrame } from './end-frame.ts'
import type { GuestProcess } from './guest-process.ts'
import { inputFrame } from './input-frame.ts'
import { type ProgramRun, superviseRun } from './supervise-run.ts'

/** What a run needs besides the program. */
export interface ProgramRunOptions {
  readonly fileBounds: FileBounds
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly onOutput?: OutputListener | undefined
}

/**
 * Runs one program in a process that waits for it, and hears no more of it afterwards.
 * @throws SandboxError `SANDBOX_INFRA`
 */
export async function runGuestProgram(
  guest: GuestProcess,
  program: GuestProgram,
  { fileBounds, clock, signal, onOutput }: ProgramRunOptions,
): Promise<ProgramRun> {
  const mark = newMark()
  try {
    return await superviseRun({
      guest,
      limits: program.limits,
      mark,
      frame: new EndFrame(fileBounds),
      hand: (listener) => guest.begin(inputFrame(program, mark), listener),
      clock,
      signal,
      onOutput,
    })
  } finally {
    guest.close()
  }
}

/** A word that no guest knows before it is told. */
export function newMark(): string {
  return `end-${randomBytes(16).toString('hex')}`
}
