import { ApiFailure } from '../api/api-failure.ts'
import { Button } from './button.tsx'
import styles from './states.module.css'

export interface ErrorStateProps {
  readonly error: Error
  readonly onRetry: () => void
}

/** What to do about a failure, by its code. */
const ADVICE: Readonly<Record<string, string>> = {
  UNREACHABLE: 'It is asked again every few seconds. If this stays, see whether the server runs.',
  PERMISSION_DENIED: 'Your role does not allow this. Whoever administers the server can give you another.',
  RATE_LIMITED: 'Too many calls were made in your name in a minute. It goes on by itself.',
}

/** Says what went wrong, by which name the server knows it, and what to do. */
export function ErrorState({ error, onRetry }: ErrorStateProps) {
  const failure = error instanceof ApiFailure ? error : undefined
  const advice = failure && ADVICE[failure.code]
  return (
    <div role="alert" className={`${styles.state} ${styles.error}`}>
      <p className={styles.title}>This could not be read</p>
      <p>
        {error.message} {failure && <code>{failure.code}</code>}
      </p>
      {advice !== undefined && <p>{advice}</p>}
      {failure?.requestId !== undefined && (
        <p className={styles.quiet}>
          In the log of the server: request <code>{failure.requestId}</code>
        </p>
      )}
      <div>
        <Button onPress={onRetry}>Try again</Button>
      </div>
    </div>
  )
}
