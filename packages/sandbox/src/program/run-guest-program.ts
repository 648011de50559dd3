import { randomBytes } from 'node:crypto'
import type { Clock, ScheduledTimer } from '@golden-arch/core/time'
import type { GuestProgram, OutputListener } from '../ports/sandbox-backend.ts'
import { EndFrame, type FileBounds } from './end-frame.ts'
import type { GuestEnd, GuestProcess } from './guest-process.ts'
import { inputFrame } from './input-frame.ts'
import { MarkedOutput } from './marked-output.ts'

/** Why a run is over. */
export type RunCause = 'done' | 'ended' | 'timed-out' | 'output-limit' | 'cancelled'

/** All that is known of a run that is over. */
export interface ProgramRun {
  readonly cause: RunCause
  readonly stdout: string
  readonly stderr: string
  readonly truncated: { readonly stdout: boolean; readonly stderr: boolean }
  readonly frame: EndFrame
  /** The process's own end, asked of the host where the guest's word is not enough. */
  readonly end?: GuestEnd
}

/** What a run needs besides the program. */
export interface ProgramRunOptions {
  readonly fileBounds: FileBounds
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly onOutput?: OutputListener | undefined
}

/**
 * Runs one program in a process that waits for it. A guest that says it is done is believed, as it only speaks for itself;
 * whatever stops it otherwise kills the process and waits for its end.
 * @throws SandboxError `SANDBOX_INFRA`
 */
export async function runGuestProgram(
  guest: GuestProcess,
  program: GuestProgram,
  { fileBounds, clock, signal, onOutput = () => {} }: ProgramRunOptions,
): Promise<ProgramRun> {
  const nonce = `end-${randomBytes(16).toString('hex')}`
  const frame = new EndFrame(fileBounds)
  const { stdoutLimitBytes, stderrLimitBytes, timeoutMs } = program.limits
  const stdout = new MarkedOutput({
    mark: nonce,
    limitBytes: stdoutLimitBytes,
    onText: (text) => onOutput('stdout', text),
    onAfterMark: (data) => frame.push(data),
  })
  const stderr = new MarkedOutput({
    mark: nonce,
    limitBytes: stderrLimitBytes,
    onText: (text) => onOutput('stderr', text),
  })
  let timer: ScheduledTimer | undefined
  let onAbort: (() => void) | undefined
  const cause = await new Promise<RunCause>((resolve) => {
    onAbort = () => resolve('cancelled')
    if (signal.aborted) return resolve('cancelled')
    signal.addEventListener('abort', onAbort, { once: true })
    timer = clock.schedule(timeoutMs, () => resolve('timed-out'))
    guest.begin(inputFrame(program, nonce), {
      onData: (stream, data) => {
        const output = stream === 1 ? stdout : stderr
        output.push(data)
        if (output.isTruncated) resolve('output-limit')
        else if (frame.isComplete && (stderr.isMarked || frame.refusal !== undefined)) resolve('done')
      },
      onEnd: () => resolve('ended'),
    })
  })
  timer?.cancel()
  if (onAbort !== undefined) signal.removeEventListener('abort', onAbort)
  guest.close()
  if (cause === 'timed-out' || cause === 'output-limit' || cause === 'cancelled') await guest.kill()
  const needsEnd = cause === 'ended' || (cause === 'done' && (frame.status ?? 0) < 0)
  const end = needsEnd ? await guest.ended() : undefined
  return {
    cause,
    stdout: stdout.finish(),
    stderr: stderr.finish(),
    truncated: { stdout: stdout.isTruncated, stderr: stderr.isTruncated },
    frame,
    ...(end === undefined ? {} : { end }),
  }
}
