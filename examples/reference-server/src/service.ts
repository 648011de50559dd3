import type { ServerContext } from './server-context.ts'
import type { ServerRole } from './server-role.ts'

/** What a process runs for one of its roles. */
export interface Service {
  readonly name: ServerRole
  /**
   * Works until `stopping` fires; then takes nothing new, finishes what it has in hand and resolves. What is not finished
   * when `givingUp` fires is given back for another process to do. A rejection ends the process.
   */
  run(stopping: AbortSignal, givingUp: AbortSignal): Promise<void>
  /** Whether it can work. Default: while it runs. */
  isReady?(): Promise<boolean>
}

/** Makes a service. What it opens for its whole life is closed by `context.closeLater`. */
export type ServiceMaker = (context: ServerContext) => Promise<Service>
