import { Label } from 'react-aria-components/Label'
import { Meter } from 'react-aria-components/Meter'
import styles from './bar.module.css'

export interface BarProps {
  readonly label: string
  readonly value: number
  readonly max: number
  /** What is said beside the bar, such as `3 of 5`. */
  readonly text: string
  /** A part behind the value, such as what is held. */
  readonly further?: number
  readonly tone?: 'good' | 'warn' | 'bad'
}

/** A value between nothing and a limit, drawn. */
export function Bar({ label, value, max, text, further = 0, tone = 'good' }: BarProps) {
  const share = (part: number): string => `${max <= 0 ? 0 : Math.min(100, (part / max) * 100)}%`
  return (
    <Meter
      className={styles.bar ?? ''}
      value={Math.min(value, max)}
      maxValue={Math.max(max, 1)}
      valueLabel={text}
      data-tone={tone}
    >
      <span className={styles.line}>
        <Label>{label}</Label>
        <span className={styles.text}>{text}</span>
      </span>
      <span className={styles.track}>
        <span className={styles.fill} style={{ width: share(value) }} />
        <span className={styles.further} style={{ width: share(Math.min(further, max - value)) }} />
      </span>
    </Meter>
  )
}
