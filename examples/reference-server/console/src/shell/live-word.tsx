import { useLiveStatus } from '../live/use-live.ts'
import styles from './live-word.module.css'

const WORDS = {
  off: 'not live',
  connecting: 'connecting',
  live: 'live',
  reconnecting: 'reconnecting',
} as const

/** Says whether what is on the screen follows what happens. */
export function LiveWord() {
  const status = useLiveStatus()
  return (
    <span role="status" aria-label="Connection" className={styles.word} data-status={status}>
      <span aria-hidden="true" className={styles.dot} />
      {WORDS[status]}
    </span>
  )
}
