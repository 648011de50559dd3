import { weightText } from './answer-word.ts'
import styles from './review-page.module.css'
import type { ExplanationView, RoundView } from './use-review.ts'

export interface VoteScaleProps {
  readonly explanation: ExplanationView
  readonly threshold: RoundView['policy']['threshold']
}

const SIDES = ['approve', 'reject', 'veto', 'abstain', 'silent'] as const

/** The weight on each side, drawn, with a mark where approval begins. */
export function VoteScale({ explanation, threshold }: VoteScaleProps) {
  const voters = explanation.voters.map(({ answer, is_veto, weight_milli }) => ({
    side: is_veto ? 'veto' : answer,
    weight: weight_milli,
  }))
  const sides = SIDES.map((side) => ({
    side,
    weight: voters.filter((voter) => voter.side === side).reduce((sum, { weight }) => sum + weight, 0),
  })).filter(({ weight }) => weight > 0)
  const total = sides.reduce((sum, { weight }) => sum + weight, 0)
  const decisive = sides
    .filter(({ side }) => side !== 'abstain' && side !== 'silent')
    .reduce((sum, { weight }) => sum + weight, 0)
  if (total === 0) return null
  const mark = (decisive / total) * (threshold.numerator / threshold.denominator) * 100
  const inWords = sides.map(({ side, weight }) => `${side} ${weightText(weight)}`).join(', ')
  return (
    <div className={styles.scale}>
      <div className={styles.track} role="img" aria-label={`Weight of the votes: ${inWords}`}>
        {sides.map(({ side, weight }) => (
          <span key={side} data-side={side} style={{ flexGrow: weight }}>
            {side} {weightText(weight)}
          </span>
        ))}
        {decisive > 0 && <span className={styles.mark} style={{ insetInlineStart: `${mark}%` }} />}
      </div>
      <p className={styles.key}>
        The mark: {threshold.numerator}/{threshold.denominator} of the weight that approved or rejected.
      </p>
    </div>
  )
}
