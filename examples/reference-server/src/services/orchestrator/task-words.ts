import { z } from 'zod'
import type { CodingInput } from './coding-task.ts'

/** What agents are told of a coding task: everything but its hidden tests. */
export const taskWordsSchema = z.strictObject({
  id: z.string(),
  description: z.string(),
  signature: z.string(),
  entryPoint: z.string(),
  parts: z
    .array(z.strictObject({ entryPoint: z.string(), signature: z.string(), description: z.string() }))
    .optional(),
  uses: z.array(z.strictObject({ entryPoint: z.string(), signature: z.string() })).optional(),
})

/** What agents are told of a coding task. */
export type TaskWords = z.infer<typeof taskWordsSchema>

/** The words of a task, without its tests and those of its parts. */
export function taskWords({ tests: _, parts, ...input }: CodingInput): TaskWords {
  if (parts === undefined) return input
  return { ...input, parts: parts.map(({ tests: _tests, ...part }) => part) }
}
