import { StateBadge } from '../../components/state-badge.tsx'
import { votesText } from './answer-word.ts'
import styles from './review-page.module.css'
import type { ExplanationView } from './use-review.ts'

/** The fewest votes that would have given another outcome. */
export function FlipSet({ explanation }: { readonly explanation: ExplanationView }) {
  const { smallest_flip: flip, is_final: isFinal } = explanation
  return (
    <section aria-label="Smallest flip" className={styles.flip}>
      {flip === null ? (
        <p>No set of votes would {isFinal ? 'have given' : 'give'} another outcome.</p>
      ) : (
        <>
          <p>
            {votesText(flip.changes.length)} otherwise, and it {isFinal ? 'would have been' : 'would be'}{' '}
            <StateBadge state={flip.leads_to} />
          </p>
          <ul>
            {flip.changes.map(({ reviewer_id: id, to }) => (
              <li key={id}>
                <code>{id}</code> → {to}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  )
}
