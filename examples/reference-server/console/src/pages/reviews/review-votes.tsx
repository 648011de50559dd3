import { Ago } from '../../components/ago.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { StateBadge } from '../../components/state-badge.tsx'
import styles from './review-page.module.css'
import type { RoundView } from './use-review.ts'

type Vote = RoundView['votes'][number]

export interface ReviewVotesProps {
  readonly votes: readonly Vote[]
  /** Cast too late, and not counted. */
  readonly late: readonly Vote[]
}

/** What each reviewer said. */
export function ReviewVotes({ votes, late }: ReviewVotesProps) {
  if (votes.length + late.length === 0) {
    return <EmptyState title="No vote yet">Reviewers are asked as soon as the round opens.</EmptyState>
  }
  return (
    <ul className={styles.votes}>
      {votes.map((vote) => (
        <VoteItem key={vote.reviewer_id} vote={vote} />
      ))}
      {late.map((vote) => (
        <VoteItem key={`late ${vote.reviewer_id}`} vote={vote} isLate />
      ))}
    </ul>
  )
}

function VoteItem({ vote, isLate = false }: { readonly vote: Vote; readonly isLate?: boolean }) {
  return (
    <li>
      <p className={styles.line}>
        <code>{vote.reviewer_id}</code> <StateBadge state={vote.decision} />
        {isLate && <strong>too late, not counted</strong>}
        <span className={styles.key}>
          confidence {vote.confidence}, <Ago at={vote.cast_at} />
        </span>
      </p>
      <p className={styles.text}>{vote.rationale}</p>
      {vote.findings.length > 0 && (
        <ul className={styles.findings}>
          {vote.findings.map(({ severity, message, location }) => (
            <li key={`${severity} ${location ?? ''} ${message}`}>
              <StateBadge state={severity} /> {message} {location !== undefined && <code>{location}</code>}
            </li>
          ))}
        </ul>
      )}
    </li>
  )
}
