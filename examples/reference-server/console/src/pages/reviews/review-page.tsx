import { Link, useParams } from '@tanstack/react-router'
import { Ago } from '../../components/ago.tsx'
import { Facts } from '../../components/facts.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { Page } from '../../components/page.tsx'
import { Panel } from '../../components/panel.tsx'
import { StateBadge } from '../../components/state-badge.tsx'
import { FlipSet } from './flip-set.tsx'
import { OverrideButton } from './override-button.tsx'
import styles from './review-page.module.css'
import { ReviewVotes } from './review-votes.tsx'
import { type RoundView, useExplanation, useRound } from './use-review.ts'
import { VoteButton } from './vote-button.tsx'
import { VoteScale } from './vote-scale.tsx'
import { VoterTable } from './voter-table.tsx'

/** A round of review: how it ended, and why. */
export function ReviewPage() {
  const { id } = useParams({ from: '/signed-in/reviews/$id' })
  const round = useRound(id)
  const explanation = useExplanation(id)
  return (
    <Page
      title={
        round.data === undefined ? 'Review' : `Review of ${round.data.subject_id}, round ${round.data.round}`
      }
      about={<Link to="/reviews">All reviews</Link>}
      actions={
        round.data !== undefined && (
          <>
            <VoteButton round={round.data} />
            <OverrideButton round={round.data} />
          </>
        )
      }
    >
      <Loaded query={round}>
        {(data) => (
          <>
            <Panel title="Outcome">
              <RoundFacts round={data} />
              <Loaded query={explanation}>
                {(told) => (
                  <>
                    <VoteScale explanation={told} threshold={data.policy.threshold} />
                    <p className={styles.text}>{told.text}</p>
                    <FlipSet explanation={told} />
                  </>
                )}
              </Loaded>
            </Panel>
            <Panel title="Who could decide what">
              <Loaded query={explanation}>{({ voters }) => <VoterTable voters={voters} />}</Loaded>
            </Panel>
            <Panel title="Votes">
              <ReviewVotes votes={data.votes} late={data.late_votes} />
            </Panel>
          </>
        )}
      </Loaded>
    </Page>
  )
}

function RoundFacts({ round }: { readonly round: RoundView }) {
  const { outcome, status, policy, override } = round
  const isOpen = status === 'open'
  return (
    <Facts
      facts={[
        [
          'Outcome',
          <StateBadge
            key="outcome"
            state={outcome?.kind ?? 'open'}
            tone={outcome === null ? 'busy' : undefined}
          />,
        ],
        ['Task', <TaskLink key="task" id={round.subject_id} />],
        ['Author', <code key="author">{round.author_id}</code>],
        ['Opened', <Ago key="opened" at={round.opened_at} />],
        [
          isOpen ? 'Closes' : 'Closed',
          <Ago key="closed" at={isOpen ? round.deadline_at : round.closed_at} />,
        ],
        [
          'Needed to approve',
          `${policy.threshold.numerator}/${policy.threshold.denominator} of the decisive weight`,
        ],
        ['Needed to answer', `${policy.quorum.numerator}/${policy.quorum.denominator} of all weight`],
        ['May veto', policy.veto_roles.length === 0 ? 'nobody' : policy.veto_roles.join(', ')],
        ...(override === null
          ? []
          : ([['Passed in spite of it', `by ${override.by}: ${override.reason}`]] as const)),
      ]}
    />
  )
}

function TaskLink({ id }: { readonly id: string }) {
  return (
    <Link to="/tasks/$id" params={{ id }}>
      {id}
    </Link>
  )
}
