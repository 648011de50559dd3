import { constants } from 'node:os'
import type { ExecutionStatus, GuestError, GuestOutcome } from '../execution-result.ts'
import type { FileRefusal } from './end-frame.ts'
import type { ProgramRun } from './supervise-run.ts'

const REFUSALS: Readonly<Record<FileRefusal, readonly [ExecutionStatus, GuestError]>> = {
  'too-large': ['output-limit', named('FilesTooLarge', 'the files below out/ are larger than allowed')],
  'too-many': ['output-limit', named('TooManyFiles', 'there are more files below out/ than allowed')],
  unsafe: ['failed', named('UnsafeFile', 'below out/ is a link, a device or an unsafe path')],
  malformed: ['failed', named('MalformedFrame', 'what came after the program is no end frame')],
}

/** Says how a run ended, in the words of the executor. */
export function programOutcome(run: ProgramRun): Omit<GuestOutcome, 'place'> {
  const { stdout, stderr, truncated, frame, cause } = run
  const usage = frame.usage === undefined ? {} : { usage: frame.usage }
  const written = { stdout, stderr, truncated, ...usage }
  if (cause === 'timed-out' || cause === 'cancelled') return { ...written, status: cause }
  if (cause === 'cpu-time') return { ...written, status: 'timed-out', error: PROCESSOR_SPENT }
  if (cause === 'output-limit' || truncated.stdout || truncated.stderr) {
    return {
      ...written,
      status: 'output-limit',
      error: named('OutputTooLarge', 'a stream was cut at its limit'),
    }
  }
  if (cause === 'ended') return { ...written, ...endedByItself(run) }
  if (frame.refusal !== undefined) {
    const [status, error] = REFUSALS[frame.refusal]
    return { ...written, status, error, ...exitCodeOf(frame.status) }
  }
  const code = frame.status ?? 0
  if (code < 0) return { ...written, ...endedBySignal(-code, run) }
  const done = { ...written, exitCode: code, files: frame.files }
  if (code === 0) return { ...done, status: 'completed' }
  return { ...done, status: 'failed', error: named('ExitCode', `the program ended with exit code ${code}`) }
}

function endedByItself({ end }: ProgramRun): Pick<GuestOutcome, 'status' | 'error' | 'exitCode'> {
  if (end?.isOutOfMemory) return { status: 'out-of-memory', error: OUT_OF_MEMORY }
  const code = end?.exitCode ?? 0
  const message = `the sandbox ended with exit code ${code} before the program said that it was done`
  return { status: 'killed', exitCode: code, error: named('SandboxEnded', message) }
}

function endedBySignal(number: number, { end, frame }: ProgramRun): Pick<GuestOutcome, 'status' | 'error'> {
  const signal = Object.entries(constants.signals).find(([, each]) => each === number)?.[0] ?? `SIG${number}`
  if (end?.isOutOfMemory && signal === 'SIGKILL') return { status: 'out-of-memory', error: OUT_OF_MEMORY }
  if (signal === 'SIGXCPU') return { status: 'timed-out', error: PROCESSOR_SPENT }
  const by = { signal, files: frame.files }
  return { ...by, status: 'killed', error: named('Signal', `the program was ended by ${signal}`) }
}

function exitCodeOf(status: number | undefined): { exitCode?: number } {
  return status === undefined || status < 0 ? {} : { exitCode: status }
}

const PROCESSOR_SPENT: GuestError = named('ProcessorTime', 'the program has taken its time of the processor')
const OUT_OF_MEMORY: GuestError = named('OutOfMemory', 'the engine ended the sandbox at its memory limit')

function named(name: string, message: string): GuestError {
  return Object.freeze({ name, message, stack: '' })
}
