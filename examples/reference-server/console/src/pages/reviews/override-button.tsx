import { useState } from 'react'
import { api, dataOf } from '../../api/api.ts'
import { ConfirmButton } from '../../components/confirm-button.tsx'
import { Permitted } from '../../components/permitted.tsx'
import { TextInput } from '../../components/text-input.tsx'
import { useAct } from '../../components/use-act.ts'
import type { RoundView } from './use-review.ts'

/** Lets work pass in spite of a veto. */
export function OverrideButton({ round }: { readonly round: RoundView }) {
  const [reason, setReason] = useState('')
  const pass = useAct({
    name: 'Let it pass',
    run: () =>
      dataOf(
        api.POST('/api/v1/reviews/{id}/override', {
          params: { path: { id: round.id } },
          body: { content_hash: round.content_hash, reason },
        }),
      ),
    done: () => 'The work may pass',
    touches: ['reviews', 'tasks', 'task'],
  })
  if (round.outcome?.kind !== 'vetoed' || round.override !== null) return null
  return (
    <Permitted permission="escalation:resolve">
      <ConfirmButton
        label="Let it pass"
        kind="danger"
        title="Let this work pass in spite of the veto?"
        isIncomplete={reason.trim() === ''}
        onConfirm={() => pass.mutateAsync()}
      >
        <p>It holds for exactly this content. Your name and your reason stand in the audit log.</p>
        <TextInput label="Why" isLong value={reason} onChange={setReason} isRequired />
      </ConfirmButton>
    </Permitted>
  )
}
