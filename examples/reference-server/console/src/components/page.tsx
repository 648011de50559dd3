import { type ReactNode, useEffect } from 'react'
import styles from './page.module.css'

export interface PageProps {
  readonly title: string
  /** What is found here, in one sentence. */
  readonly about?: ReactNode
  /** Buttons and choices for the whole page. */
  readonly actions?: ReactNode
  readonly children: ReactNode
}

/** A page: its name, what can be done with all of it, and what is on it. */
export function Page({ title, about, actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Golden Architecture`
  }, [title])
  return (
    <div className={styles.page}>
      <div className={styles.head}>
        <div>
          <h1>{title}</h1>
          {about !== undefined && <p className={styles.about}>{about}</p>}
        </div>
        {actions !== undefined && <div className={styles.actions}>{actions}</div>}
      </div>
      {children}
    </div>
  )
}
