import type { ExecutionLimits } from './execution-limits.ts'
import type { ExecutionPriority } from './execution-priority.ts'
import type { IsolationLevel } from './isolation.ts'

/** Languages that a guest may be written in. From `typescript` the types are taken away; they are not checked. */
export type SandboxLanguage = 'javascript' | 'typescript' | 'python' | 'shell'

/** A file that comes out of a program. */
export interface SandboxFile {
  /**
   * Relative path below `out/` in the guest's work folder, 1 to 96 bytes of UTF-8, with `/` between names: what is written to
   * `out/a/b.txt` is `a/b.txt`.
   */
  readonly path: string
  readonly content: Uint8Array
}

/** A file that goes in with the program. */
export interface SandboxInputFile {
  /** Relative path below the guest's work folder itself, 1 to 96 bytes of UTF-8, with `/` between names. */
  readonly path: string
  /** Bytes, or text that becomes UTF-8. */
  readonly content: string | Uint8Array
}

/** One piece of untrusted code to run, and under which conditions. */
export interface ExecutionRequest {
  /** Names the execution: 1 to 64 letters, digits, `_` and `-`, the first a letter or digit. */
  readonly executionId: string
  /** On whose behalf it runs: 1 to 128 characters without control characters. */
  readonly tenantId: string
  /** The role of the agent that asks: a name as `executionId` is one. Roles of a tenant are served in turn. Default: none. */
  readonly role?: string | undefined
  /** How urgent it is among those that wait. Default `normal`. */
  readonly priority?: ExecutionPriority | undefined
  readonly language: SandboxLanguage
  /** The program: 1 byte to 1 MiB in UTF-8. In QuickJS the value of its last statement is the result's value. */
  readonly code: string
  /** Files that lie in the guest's work folder when it starts: at most 256, 10 MiB in all. Default: none. */
  readonly files?: readonly SandboxInputFile[] | undefined
  /** What the guest reads from standard input: at most 10 MiB. Default nothing. */
  readonly stdin?: string | Uint8Array | undefined
  /** Arguments of the program: at most 64 of 4096 bytes each. Default: none. */
  readonly argv?: readonly string[] | undefined
  /** Environment variables of the program, by names that the backend allows: values of at most 4096 bytes. Default: none. */
  readonly env?: Readonly<Record<string, string>> | undefined
  /** Limits other than the backend's defaults. */
  readonly limits?: Partial<ExecutionLimits> | undefined
  /** The weakest isolation to accept. Default: whatever the executor's backend gives. */
  readonly minimumIsolation?: IsolationLevel | undefined
}
