import { type UseMutationResult, useMutation, useQueryClient } from '@tanstack/react-query'
import { tellDone, tellFailed } from './toasts.tsx'

export interface Act<Input, Output> {
  /** What is done, for a failure: `Cancel the task`. */
  readonly name: string
  readonly run: (input: Input) => Promise<Output>
  /** What is told when it is done. */
  readonly done: (output: Output, input: Input) => string
  /** First words of the keys of the queries that it may have changed. */
  readonly touches: readonly string[]
}

/** Something that people do by the API: its outcome is told, and what it may have changed is read again. */
export function useAct<Output, Input = void>({
  name,
  run,
  done,
  touches,
}: Act<Input, Output>): UseMutationResult<Output, Error, Input> {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: run,
    onSuccess: (output, input) => tellDone(done(output, input)),
    onError: (error) => tellFailed(`${name}: not done`, error),
    onSettled: () => Promise.all(touches.map((key) => queries.invalidateQueries({ queryKey: [key] }))),
  })
}
