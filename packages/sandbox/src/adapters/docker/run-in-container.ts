import { randomBytes } from 'node:crypto'
import type { Clock, ScheduledTimer } from '@golden-arch/core/time'
import type { GuestProgram } from '../../ports/sandbox-backend.ts'
import type { ContainerState } from './docker-client.ts'
import { EndFrame } from './end-frame.ts'
import type { GuestContainer } from './guest-container.ts'
import { inputFrame } from './input-frame.ts'
import { MarkedOutput } from './marked-output.ts'
import type { SandboxRules } from './sandbox-rules.ts'

/** Why a run is over. */
export type RunCause = 'done' | 'ended' | 'timeout' | 'output-limit' | 'cancelled'

/** All that is known of a run that is over. */
export interface ContainerRun {
  readonly cause: RunCause
  readonly stdout: string
  readonly stderr: string
  readonly truncated: { readonly stdout: boolean; readonly stderr: boolean }
  readonly frame: EndFrame
  /** The container's own end, asked of the engine where the guest's word is not enough. */
  readonly state?: ContainerState
}

/**
 * Runs one program in a container. A guest that says it is done is believed, as it only speaks for itself; whatever stops it
 * otherwise kills the container and waits for its end.
 * @throws SandboxError `SANDBOX_INFRA`
 */
export async function runInContainer(
  container: GuestContainer,
  program: GuestProgram,
  rules: SandboxRules,
  clock: Clock,
  signal: AbortSignal,
): Promise<ContainerRun> {
  const nonce = `end-${randomBytes(16).toString('hex')}`
  const frame = new EndFrame(rules)
  const { stdoutLimitBytes, stderrLimitBytes, wallTimeMs } = program.limits
  const stdout = new MarkedOutput(nonce, stdoutLimitBytes, (data) => frame.push(data))
  const stderr = new MarkedOutput(nonce, stderrLimitBytes)
  let timer: ScheduledTimer | undefined
  let onAbort: (() => void) | undefined
  const cause = await new Promise<RunCause>((resolve) => {
    onAbort = () => resolve('cancelled')
    if (signal.aborted) return resolve('cancelled')
    signal.addEventListener('abort', onAbort, { once: true })
    timer = clock.schedule(wallTimeMs, () => resolve('timeout'))
    container.begin(inputFrame(program, nonce), {
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
  container.close()
  if (cause === 'timeout' || cause === 'output-limit' || cause === 'cancelled') await container.kill()
  const needsState = cause === 'ended' || (cause === 'done' && (frame.status ?? 0) < 0)
  const state = needsState ? await container.ended() : undefined
  return {
    cause,
    stdout: stdout.text(),
    stderr: stderr.text(),
    truncated: { stdout: stdout.isTruncated, stderr: stderr.isTruncated },
    frame,
    ...(state === undefined ? {} : { state }),
  }
}
