import type { Clock, ScheduledTimer } from '@golden-arch/core/time'
import type { ExecutionLimits } from '../execution-limits.ts'
import type { OutputListener } from '../ports/sandbox-backend.ts'
import type { EndFrame } from './end-frame.ts'
import type { GuestEnd, GuestListener, GuestProcess } from './guest-process.ts'
import { MarkedOutput } from './marked-output.ts'
import { watchProcessor } from './watch-processor.ts'

const SIGKILL = 9

/** Why a run is over. */
export type RunCause = 'done' | 'ended' | 'timed-out' | 'cpu-time' | 'output-limit' | 'cancelled'

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

/** What is supervised, under which limits. */
export interface Supervision {
  readonly guest: GuestProcess
  readonly limits: ExecutionLimits
  /** What marks the end of both streams. */
  readonly mark: string
  /** Takes what follows the mark on standard output. */
  readonly frame: EndFrame
  /** Hands the code over; the guest's words go to the listener. */
  readonly hand: (listener: GuestListener) => void
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly onOutput?: OutputListener | undefined
}

/**
 * Hands code over to a guest and waits until it says that it is done, has ended or is stopped. A guest that says it is done is
 * believed, as it only speaks for itself; what stops it otherwise kills the process and waits for its end.
 * @throws SandboxError `SANDBOX_INFRA`
 */
export async function superviseRun(supervision: Supervision): Promise<ProgramRun> {
  const { guest, limits, mark, frame, onOutput = () => {} } = supervision
  const stdout = new MarkedOutput({
    mark,
    limitBytes: limits.stdoutLimitBytes,
    onText: (text) => onOutput('stdout', text),
    onAfterMark: (data) => frame.push(data),
  })
  const stderr = new MarkedOutput({
    mark,
    limitBytes: limits.stderrLimitBytes,
    onText: (text) => onOutput('stderr', text),
  })
  const cause = await causeOfEnd(supervision, (stream, data) => {
    const output = stream === 1 ? stdout : stderr
    output.push(data)
    if (output.isTruncated) return 'output-limit'
    return frame.isComplete && (stderr.isMarked || frame.refusal !== undefined) ? 'done' : undefined
  })
  if (cause !== 'done') guest.close()
  if (cause !== 'done' && cause !== 'ended') await guest.kill()
  const needsEnd = cause === 'ended' || (cause === 'done' && (frame.status ?? 0) < 0)
  const end = needsEnd ? await guest.ended(frame.status === -SIGKILL) : undefined
  return {
    cause,
    stdout: stdout.finish(),
    stderr: stderr.finish(),
    truncated: { stdout: stdout.isTruncated, stderr: stderr.isTruncated },
    frame,
    ...(end === undefined ? {} : { end }),
  }
}

async function causeOfEnd(
  { guest, limits, clock, signal, hand }: Supervision,
  hear: (stream: 1 | 2, data: Buffer) => RunCause | undefined,
): Promise<RunCause> {
  const over = Promise.withResolvers<RunCause>()
  const { meter } = guest
  const { timeoutMs, cpuTimeMs } = limits
  let endWatch: (() => void) | undefined
  if (meter !== undefined && cpuTimeMs < timeoutMs * meter.processors) {
    const onSpent = (): void => over.resolve('cpu-time')
    endWatch = await watchProcessor({ meter, limitMs: cpuTimeMs, clock, onSpent, onFailure: over.reject })
  }
  const onAbort = (): void => over.resolve('cancelled')
  let timer: ScheduledTimer | undefined
  try {
    if (signal.aborted) return 'cancelled'
    signal.addEventListener('abort', onAbort, { once: true })
    timer = clock.schedule(timeoutMs, () => over.resolve('timed-out'))
    hand({
      onData: (stream, data) => {
        const cause = hear(stream, data)
        if (cause !== undefined) over.resolve(cause)
      },
      onEnd: () => over.resolve('ended'),
    })
    return await over.promise
  } finally {
    endWatch?.()
    timer?.cancel()
    signal.removeEventListener('abort', onAbort)
  }
}
