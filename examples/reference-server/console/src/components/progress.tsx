import { Label } from 'react-aria-components/Label'
import { ProgressBar } from 'react-aria-components/ProgressBar'
import { countText } from './amounts.tsx'
import styles from './bar.module.css'

export interface ProgressProps {
  readonly label: string
  readonly done: number
  readonly total: number
}

/** How far something is that goes on, drawn. */
export function Progress({ label, done, total }: ProgressProps) {
  const text = `${countText(done)} of ${countText(total)}`
  return (
    <ProgressBar className={styles.bar ?? ''} value={done} maxValue={Math.max(1, total)} valueLabel={text}>
      {({ percentage = 0 }) => (
        <>
          <span className={styles.line}>
            <Label>{label}</Label>
            <span className={styles.text}>{text}</span>
          </span>
          <span className={styles.track}>
            <span className={styles.fill} style={{ width: `${percentage}%` }} />
          </span>
        </>
      )}
    </ProgressBar>
  )
}
