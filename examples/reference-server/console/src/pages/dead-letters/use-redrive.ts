import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { api, dataOf } from '../../api/api.ts'
import { tellFailed } from '../../components/toasts.tsx'

/** How it stands with publishing a group again. Outcomes are counted by their names. */
export type RedriveState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'trying' }
  | { readonly kind: 'tried'; readonly outcomes: ReadonlyMap<string, number> }
  | ({ readonly kind: 'running' } & Progress)
  | ({ readonly kind: 'ended'; readonly isStopped: boolean } & Progress)

interface Progress {
  readonly done: number
  readonly total: number
  readonly outcomes: ReadonlyMap<string, number>
}

/** So many in one call that its progress is seen. */
const PART = 25
/** As many as one call may try out. */
const MAX_TRIED = 1000

export interface Redrive {
  readonly state: RedriveState
  readonly tryOut: (total: number) => Promise<void>
  readonly redrive: (total: number) => Promise<void>
  readonly stop: () => void
}

/** Publishes the open dead letters of a group again, part by part, until none is left or one stops it. */
export function useRedrive(fingerprint: string): Redrive {
  const [state, setState] = useState<RedriveState>({ kind: 'idle' })
  const queries = useQueryClient()
  const running = useRef<AbortController>(undefined)
  useEffect(() => () => running.current?.abort(), [])

  const ask = (limit: number, isDryRun: boolean, signal?: AbortSignal) =>
    dataOf(
      api.POST('/api/v1/dlq/redrive', {
        body: { fingerprint, limit, dry_run: isDryRun },
        ...(signal === undefined ? {} : { signal }),
      }),
    )

  const tryOut = async (total: number): Promise<void> => {
    setState({ kind: 'trying' })
    try {
      const { results } = await ask(Math.min(MAX_TRIED, Math.max(1, total)), true)
      setState({ kind: 'tried', outcomes: counted(new Map(), results) })
    } catch (error) {
      setState({ kind: 'idle' })
      tellFailed('Dry run: not done', error)
    }
  }

  const redrive = async (total: number): Promise<void> => {
    const stopped = new AbortController()
    running.current = stopped
    let progress: Progress = { done: 0, total, outcomes: new Map() }
    setState({ kind: 'running', ...progress })
    try {
      for (let hasMore = true; hasMore && !stopped.signal.aborted; ) {
        const { results, has_more } = await ask(PART, false, stopped.signal)
        const done = progress.done + results.length
        progress = {
          done,
          // More may have come meanwhile.
          total: has_more ? Math.max(total, done + 1) : done,
          outcomes: counted(progress.outcomes, results),
        }
        setState({ kind: 'running', ...progress })
        // What stays open however often it is asked for would be met again and again.
        hasMore = has_more && results.some(({ outcome }) => outcome === 'redriven')
      }
    } catch (error) {
      if (!stopped.signal.aborted) tellFailed('Publishing again: not finished', error)
      stopped.abort()
    } finally {
      setState({ kind: 'ended', isStopped: stopped.signal.aborted, ...progress })
      await queries.invalidateQueries({ queryKey: ['dead letters'] })
      await queries.invalidateQueries({ queryKey: ['stats'] })
    }
  }

  return { state, tryOut, redrive, stop: () => running.current?.abort() }
}

function counted(
  before: ReadonlyMap<string, number>,
  results: readonly { readonly outcome: string }[],
): ReadonlyMap<string, number> {
  const counts = new Map(before)
  for (const { outcome } of results) counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
  return counts
}
