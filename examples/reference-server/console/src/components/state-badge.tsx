import styles from './state-badge.module.css'

/** How a state is to be taken. */
export type Tone = 'good' | 'warn' | 'bad' | 'busy' | 'quiet'

const TONES: Readonly<Record<string, Tone>> = {
  completed: 'good',
  approved: 'good',
  approve: 'good',
  applied: 'good',
  resolved: 'good',
  redriven: 'good',
  closed: 'good',
  idle: 'good',
  allowed: 'good',
  healthy: 'good',
  embedded: 'good',
  planning: 'busy',
  executing: 'busy',
  reviewing: 'busy',
  working: 'busy',
  redriving: 'busy',
  acknowledged: 'busy',
  waiting: 'warn',
  pending: 'warn',
  'half-open': 'warn',
  escalated: 'warn',
  degraded: 'warn',
  warning: 'warn',
  major: 'warn',
  stale: 'warn',
  'no-consensus': 'warn',
  failed: 'bad',
  open: 'bad',
  'forced-open': 'bad',
  rejected: 'bad',
  reject: 'bad',
  vetoed: 'bad',
  veto: 'bad',
  denied: 'bad',
  critical: 'bad',
  unhealthy: 'bad',
}

export interface StateBadgeProps {
  readonly state: string
  /** Where the word means something else here than elsewhere. */
  readonly tone?: Tone | undefined
}

/** A state as a word, with a colour that says how it is to be taken. */
export function StateBadge({ state, tone = TONES[state] ?? 'quiet' }: StateBadgeProps) {
  return (
    <span className={styles.badge} data-tone={tone}>
      {state.replaceAll('_', ' ')}
    </span>
  )
}
