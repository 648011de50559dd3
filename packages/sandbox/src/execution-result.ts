import type { ExecutionLimits } from './execution-limits.ts'
import type { SandboxFile } from './execution-request.ts'
import type { IsolationLevel } from './isolation.ts'

/**
 * How an execution ended:
 * - `completed`: the program ran to its end, with exit code 0 where it has one.
 * - `failed`: it ended by itself with another exit code, threw, did not parse, waits for what can never happen, left files
 *   that are refused, or its value is no JSON.
 * - `timed-out`: it was stopped at `timeoutMs` or `cpuTimeMs`.
 * - `out-of-memory`: it was ended at its memory limit.
 * - `output-limit`: it wrote or returned more than it may, and was stopped.
 * - `killed`: it was ended by a signal, or its sandbox ended, for a cause that the backend cannot tell.
 * - `cancelled`: the caller's signal ended it, before it ran or while it ran.
 */
export type ExecutionStatus =
  | 'completed'
  | 'failed'
  | 'timed-out'
  | 'out-of-memory'
  | 'output-limit'
  | 'killed'
  | 'cancelled'

/** Which stream a guest writes to. */
export type GuestStream = 'stdout' | 'stderr'

/** What a run has used, as far as the backend can tell. */
export interface GuestUsage {
  /** Milliseconds of processor of the program and of what it started. */
  readonly cpuMs?: number
  /** The most bytes of memory that it held at one time. */
  readonly maxMemoryBytes?: number
  /** Whether the figures come from the host; otherwise they are the guest's own word. */
  readonly isMeasuredByHost: boolean
}

/** A value that JSON can hold. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue }

/** What the guest threw, cut to bounded lengths. All of it is the guest's own word. */
export interface GuestError {
  readonly name: string
  readonly message: string
  /** Empty where the thrown value has none. */
  readonly stack: string
}

/** Which of the streams were cut at their limit. */
export interface Truncation {
  readonly stdout: boolean
  readonly stderr: boolean
}

/** What a backend reports of one run. */
export interface GuestOutcome {
  readonly status: ExecutionStatus
  /** What the guest wrote, cut between characters, never inside one. */
  readonly stdout: string
  readonly stderr: string
  readonly truncated: Truncation
  /** The value of the program, if its status is `completed` and it has one. */
  readonly value?: JsonValue
  /** Why it failed: always there, save where the status is `completed`, `cancelled` or `timed-out`. */
  readonly error?: GuestError
  /** The exit code of the guest's process, where it had one and ended by itself. The guest's own word. */
  readonly exitCode?: number
  /** The signal that ended the guest's process, for instance `SIGSEGV`. The guest's own word. */
  readonly signal?: string
  /** What the guest left below `out/` in its work folder, by paths below `out/`, where the backend has such a folder. */
  readonly files?: readonly SandboxFile[]
  readonly usage?: GuestUsage
  /** Where it ran, as far as the backend can tell. */
  readonly place?: GuestPlace
}

/** Where a program ran, in the backend's words. */
export interface GuestPlace {
  /** The image that it ran from, where there is one: `sha256:` and 64 hexadecimal digits. */
  readonly imageId?: string
  /** What ran it: a container runtime, or the interpreter where there is none, for instance `runsc` or `quickjs`. */
  readonly runtime: string
  /** Whether something that was started ahead was used. */
  readonly isWarmStart: boolean
  /** Rules of the sandbox beyond the limits of the execution. */
  readonly rules: Readonly<Record<string, number | string>>
}

/** What ran where: enough to say later which code met which data under which rules. */
export interface Provenance extends Partial<GuestPlace> {
  /** SHA-256 of the code, in hexadecimal. */
  readonly codeSha256: string
  /** SHA-256 of each file that went in, in hexadecimal, by its path below the work folder. */
  readonly inputSha256: Readonly<Record<string, string>>
  /** SHA-256 of each file that came out, in hexadecimal, by its path below `out/`, as in `files`. */
  readonly outputSha256: Readonly<Record<string, string>>
}

/** Where the time of an execution went, in milliseconds. */
export interface ExecutionTimings {
  /** Waiting for its turn. */
  readonly queueMs: number
  /** Waiting for a sandbox. */
  readonly acquireMs: number
  /** From handing the code over to its outcome. */
  readonly runMs: number
}

/** The end of an execution, whatever the guest did. */
export interface ExecutionResult extends Omit<GuestOutcome, 'place'> {
  readonly executionId: string
  readonly timings: ExecutionTimings
  /** The id of the backend that ran it. */
  readonly backend: string
  /** The isolation that the guest really had. */
  readonly isolation: IsolationLevel
  /** The limits that were enforced, defaults filled in. */
  readonly limitsApplied: ExecutionLimits
  /** What ran where, for the audit. */
  readonly provenance: Provenance
}

/** What a streamed execution tells: what the guest writes, cut between characters, and in the end the result. */
export type ExecutionEvent =
  | { readonly type: 'output'; readonly stream: GuestStream; readonly text: string }
  | { readonly type: 'result'; readonly result: ExecutionResult }
