import type { Controller } from './control-group-parents.ts'

const CPU_PERIOD_US = 100_000

/** What a control group holds its processes to. */
export interface ControlGroupLimits {
  readonly memoryLimitBytes: number
  /** Processes and threads. */
  readonly maxTasks: number
  readonly cpus: number
}

/** One file of a control group, and what is written to it. */
export interface ControlGroupSetting {
  readonly controller: Controller
  readonly file: string
  readonly value: string
  /** Whether a kernel may lack the file. */
  readonly isOptional?: boolean
}

/** What is written to the files of a control group, so that it holds its processes to the limits. Swap counts as memory. */
export function controlGroupSettings(
  version: 1 | 2,
  limits: ControlGroupLimits,
): readonly ControlGroupSetting[] {
  const memory = String(limits.memoryLimitBytes)
  const tasks: ControlGroupSetting = { controller: 'pids', file: 'pids.max', value: String(limits.maxTasks) }
  const quota = Math.round(limits.cpus * CPU_PERIOD_US)
  if (version === 2) {
    return [
      { controller: 'memory', file: 'memory.max', value: memory },
      { controller: 'memory', file: 'memory.swap.max', value: '0', isOptional: true },
      tasks,
      { controller: 'cpu', file: 'cpu.max', value: `${quota} ${CPU_PERIOD_US}` },
    ]
  }
  return [
    { controller: 'memory', file: 'memory.limit_in_bytes', value: memory },
    { controller: 'memory', file: 'memory.memsw.limit_in_bytes', value: memory, isOptional: true },
    tasks,
    { controller: 'cpu', file: 'cpu.cfs_period_us', value: String(CPU_PERIOD_US) },
    { controller: 'cpu', file: 'cpu.cfs_quota_us', value: String(quota) },
  ]
}
