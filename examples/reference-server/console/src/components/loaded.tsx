import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { ErrorState } from './error-state.tsx'
import styles from './states.module.css'

export interface LoadedProps<Data> {
  readonly query: UseQueryResult<Data, Error>
  readonly children: (data: Data) => ReactNode
}

/** What was read, or how it stands with reading it. What was read before stays while the server does not answer. */
export function Loaded<Data>({ query, children }: LoadedProps<Data>) {
  const { data, error } = query
  if (data === undefined) {
    if (error !== null) return <ErrorState error={error} onRetry={() => void query.refetch()} />
    return (
      <p role="status" className={styles.waiting}>
        Loading…
      </p>
    )
  }
  return (
    <>
      {error !== null && (
        <p role="status" className={styles.stale}>
          As it was a while ago: {error.message}
        </p>
      )}
      {children(data)}
    </>
  )
}
