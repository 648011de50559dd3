import type { ReactNode } from 'react'
import styles from './states.module.css'

export interface EmptyStateProps {
  readonly title: string
  /** What would be here, and what to do so that there is something. */
  readonly children: ReactNode
}

/** What stands where there is nothing. */
export function EmptyState({ title, children }: EmptyStateProps) {
  return (
    <div className={styles.state}>
      <p className={styles.title}>{title}</p>
      <p>{children}</p>
    </div>
  )
}
