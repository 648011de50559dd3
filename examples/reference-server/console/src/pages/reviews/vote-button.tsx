import { useState } from 'react'
import { api, dataOf } from '../../api/api.ts'
import { Choice } from '../../components/choice.tsx'
import { ConfirmButton } from '../../components/confirm-button.tsx'
import { Permitted } from '../../components/permitted.tsx'
import { TextInput } from '../../components/text-input.tsx'
import { useAct } from '../../components/use-act.ts'
import type { RoundView } from './use-review.ts'

const DECISIONS = [
  { id: 'approve', name: 'approve' },
  { id: 'reject', name: 'reject' },
  { id: 'abstain', name: 'abstain' },
] as const

/** Casts one's own vote, where the round waits for people. */
export function VoteButton({ round }: { readonly round: RoundView }) {
  const [decision, setDecision] = useState<(typeof DECISIONS)[number]['id']>('approve')
  const [rationale, setRationale] = useState('')
  const vote = useAct({
    name: 'Cast the vote',
    run: () =>
      dataOf(
        api.POST('/api/v1/reviews/{id}/vote', {
          params: { path: { id: round.id } },
          body: { content_hash: round.content_hash, decision, rationale, confidence: 1, findings: [] },
        }),
      ),
    done: ({ receipt }) =>
      receipt === 'late' ? 'Your vote came too late, and does not count' : 'Your vote is cast',
    touches: ['reviews', 'tasks', 'task'],
  })
  const isForPeople = round.reviewers.some(({ kind }) => kind === 'human')
  if (round.status !== 'open' || !isForPeople) return null
  return (
    <Permitted permission="review:vote">
      <ConfirmButton
        label="Vote"
        kind="primary"
        title="Cast your vote"
        isIncomplete={rationale.trim() === ''}
        onConfirm={() => vote.mutateAsync()}
      >
        <Choice label="Decision" options={DECISIONS} chosen={decision} onChoose={setDecision} />
        <TextInput label="Why" isLong value={rationale} onChange={setRationale} isRequired />
      </ConfirmButton>
    </Permitted>
  )
}
