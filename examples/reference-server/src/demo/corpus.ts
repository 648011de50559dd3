import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { readJsonLines } from '../json-lines.ts'
import { type CodingTask, codingTaskSchema } from '../services/orchestrator/coding-task.ts'

const expectationSchema = z.discriminatedUnion('outcome', [
  z.strictObject({ task: z.string(), outcome: z.literal('completed'), attempts: z.number().int() }),
  z.strictObject({
    task: z.string(),
    /** `waiting`: a fix asks a person for an approval. */
    outcome: z.enum(['escalated', 'waiting']),
    reason: z.string(),
    attempts: z.number().int(),
  }),
])

/** How a task must end when the recorded answers are given. */
export type Expectation = z.infer<typeof expectationSchema>

/** Reads a file of coding tasks, one JSON object a line. Throws, naming file and line, on a line that is none. */
export function readTasks(file: string): readonly CodingTask[] {
  return readJsonLines(file, codingTaskSchema).map((line) => line.value)
}

/** Reads the tasks of every `tasks-*.jsonl` of a folder. */
export function readTaskFolder(folder: string): readonly CodingTask[] {
  return filesOf(folder, 'tasks-').flatMap((file) => readTasks(file))
}

/** Reads every `expectations-*.jsonl` of a folder, by task. */
export function readExpectations(folder: string): ReadonlyMap<string, Expectation> {
  const all = filesOf(folder, 'expectations-').flatMap((file) => readJsonLines(file, expectationSchema))
  return new Map(all.map(({ value }) => [value.task, value]))
}

function filesOf(folder: string, prefix: string): readonly string[] {
  const names = readdirSync(folder).filter((name) => name.startsWith(prefix) && name.endsWith('.jsonl'))
  return names.sort().map((name) => join(folder, name))
}
