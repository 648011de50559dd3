import {
  UNSTABLE_ToastRegion as AriaToastRegion,
  UNSTABLE_Toast as Toast,
  UNSTABLE_ToastContent as ToastContent,
  UNSTABLE_ToastQueue as ToastQueue,
} from 'react-aria-components/Toast'
import { ApiFailure } from '../api/api-failure.ts'
import { Button } from './button.tsx'
import styles from './toasts.module.css'

interface ToastText {
  readonly kind: 'done' | 'failed'
  readonly title: string
  readonly text?: string
}

const SHOWN_MS = 8_000
const MAX_SHOWN = 4
const queue = new ToastQueue<ToastText>({ maxVisibleToasts: MAX_SHOWN })

/** Tells that something was done. */
export function tellDone(title: string): void {
  queue.add({ kind: 'done', title }, { timeout: SHOWN_MS })
}

/** Tells what was not done, and why. It stays until it is closed. */
export function tellFailed(title: string, error: unknown): void {
  const text = error instanceof ApiFailure ? `${error.message} (${error.code})` : String(error)
  queue.add({ kind: 'failed', title, text })
}

/** Where outcomes of what one does are told. */
export function ToastRegion() {
  return (
    <AriaToastRegion queue={queue} aria-label="Outcomes" className={styles.region ?? ''}>
      {({ toast }) => (
        <Toast toast={toast} className={styles.toast ?? ''} data-kind={toast.content.kind}>
          <ToastContent className={styles.content ?? ''}>
            <span className={styles.title}>{toast.content.title}</span>
            {toast.content.text !== undefined && <span>{toast.content.text}</span>}
          </ToastContent>
          <Button slot="close" kind="quiet" aria-label="Close">
            ✕
          </Button>
        </Toast>
      )}
    </AriaToastRegion>
  )
}
