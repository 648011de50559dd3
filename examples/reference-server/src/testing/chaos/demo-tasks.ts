import { join } from 'node:path'
import { readTaskFolder } from '../../demo/corpus.ts'
import type { CodingTask } from '../../services/orchestrator/coding-task.ts'

/** Where the tasks of the demo are, with how each must end. */
export const DEMO_FOLDER: string = join(import.meta.dirname, '..', '..', '..', 'demo')

/** The tasks of the demo, or those with these ids. Throws where one is not there. */
export function demoTasks(ids: readonly string[] | undefined): readonly CodingTask[] {
  const all = readTaskFolder(DEMO_FOLDER)
  if (ids === undefined) return all
  const wanted = all.filter(({ id }) => ids.includes(id))
  if (wanted.length !== ids.length) throw new Error(`the demo has not all of ${ids.join(', ')}`)
  return wanted
}
