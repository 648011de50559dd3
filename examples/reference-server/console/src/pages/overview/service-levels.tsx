import type { ActivityView } from '../../api/views.ts'
import { Bar } from '../../components/bar.tsx'
import { Panel } from '../../components/panel.tsx'
import styles from './overview-page.module.css'

const REVIEW_AIM_MS = 180_000
const COMPLETION_AIM = 0.95
const TIMEOUT_AIM = 0.05
const PERCENT = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 })

/** How well it went of late, against what is aimed at. */
export function ServiceLevels({ activity }: { readonly activity: ActivityView }) {
  const { completion_share: completion, review_p95_ms: review, sandbox_timeout_share: late } = activity
  return (
    <Panel title="Service levels">
      <div className={styles.levels}>
        <Level
          name="Tasks completed"
          aim={`aim: at least ${PERCENT.format(COMPLETION_AIM)} of those that completed or failed`}
          value={completion}
          max={1}
          text={PERCENT.format(completion ?? 0)}
          isReached={(completion ?? 1) >= COMPLETION_AIM}
        />
        <Level
          name="Peer review, 95 of 100"
          aim={`aim: within ${REVIEW_AIM_MS / 1000} s`}
          value={review}
          max={REVIEW_AIM_MS}
          text={`${((review ?? 0) / 1000).toFixed(1)} s`}
          isReached={(review ?? 0) < REVIEW_AIM_MS}
        />
        <Level
          name="Sandbox out of time"
          aim={`aim: less than ${PERCENT.format(TIMEOUT_AIM)} of tests`}
          value={late}
          max={TIMEOUT_AIM}
          text={PERCENT.format(late ?? 0)}
          isReached={(late ?? 0) < TIMEOUT_AIM}
        />
      </div>
    </Panel>
  )
}

interface LevelProps {
  readonly name: string
  readonly aim: string
  readonly value: number | null
  readonly max: number
  readonly text: string
  readonly isReached: boolean
}

function Level({ name, aim, value, max, text, isReached }: LevelProps) {
  return (
    <div className={styles.level}>
      <Bar
        label={name}
        value={value ?? 0}
        max={max}
        text={value === null ? 'none in this time' : `${text}, ${isReached ? 'reached' : 'missed'}`}
        tone={isReached ? 'good' : 'bad'}
      />
      <span className={styles.aim}>{aim}</span>
    </div>
  )
}
