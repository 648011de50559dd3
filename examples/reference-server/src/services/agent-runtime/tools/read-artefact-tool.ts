import { isGoldenError } from '@golden-arch/core/errors'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { type Task, TaskStore } from '@golden-arch/core/tasks'
import { z } from 'zod'
import type { AgentTool, ToolCaller } from './agent-tool.ts'

/** What agents made. Nothing of a task's input: it holds the hidden tests. */
const ARTEFACTS = ['plan', 'solution', 'testReport', 'review'] as const
const MAX_DEPTH = 16

const inputSchema = z.strictObject({
  taskId: z.string().min(1).max(256).describe('The task, or one of its family: parts and remediation tasks.'),
  artefact: z.enum(ARTEFACTS),
})

/** Lets a model read what the tasks of its own family left: those of the same tenant below the same root. */
export function readArtefactTool(database: SqlDatabase): AgentTool<z.infer<typeof inputSchema>> {
  const store = new TaskStore()
  const find = async (tenantId: string, taskId: string): Promise<Task | undefined> => {
    try {
      return await store.get(database, { tenantId, taskId })
    } catch (error) {
      if (isGoldenError(error, 'TASK_NOT_FOUND')) return undefined
      throw error
    }
  }
  /** A task outside of the family is told in the words of one that is not there. */
  const isOfFamily = async (task: Task, { tenantId, rootTaskId }: ToolCaller): Promise<boolean> => {
    let one: Task | undefined = task
    for (let depth = 0; one !== undefined && depth < MAX_DEPTH; depth++) {
      if (one.taskId === rootTaskId) return true
      one = one.parentTaskId === null ? undefined : await find(tenantId, one.parentTaskId)
    }
    return false
  }
  return {
    name: 'read_artefact',
    description: 'Reads what a task of the same family has made: its plan, solution, test report or review.',
    inputSchema,
    run: async ({ taskId, artefact }, caller) => {
      const task = await find(caller.tenantId, taskId)
      if (task === undefined || !(await isOfFamily(task, caller))) return `There is no task ${taskId}.`
      const found: unknown = task.evidence[artefact]
      return found === undefined || found === null
        ? `Task ${taskId} has no ${artefact}.`
        : JSON.stringify(found)
    },
  }
}
