import { useState } from 'react'
import { api, dataOf } from '../../api/api.ts'
import type { ProposalView } from '../../api/views.ts'
import { ConfirmButton } from '../../components/confirm-button.tsx'
import { Permitted } from '../../components/permitted.tsx'
import { TextInput } from '../../components/text-input.tsx'
import { useAct } from '../../components/use-act.ts'

/** Approves or rejects a proposal that waits, for exactly the text that is shown. */
export function WordButtons({ proposal }: { readonly proposal: ProposalView }) {
  const [notes, setNotes] = useState('')
  const { update_id: id, content_sha256, agent_role: role, target_version: version } = proposal
  const word = {
    params: { path: { id } },
    body: { content_sha256, ...(notes.trim() === '' ? {} : { notes }) },
  }
  const approve = useAct({
    name: 'Approve',
    run: () => dataOf(api.POST('/api/v1/governance/proposals/{id}/approve', word)),
    done: ({ status }) => TOLD[status],
    touches: ['prompts'],
  })
  const reject = useAct({
    name: 'Reject',
    run: () => dataOf(api.POST('/api/v1/governance/proposals/{id}/reject', word)),
    done: () => 'The proposal is rejected',
    touches: ['prompts'],
  })
  if (proposal.status !== 'pending') return null
  const field = (
    <TextInput
      label="Notes"
      isLong
      value={notes}
      onChange={setNotes}
      description="Why. Some roles want to know."
    />
  )
  return (
    <Permitted permission="prompt:approve">
      <ConfirmButton
        label="Approve"
        kind="primary"
        title={`Approve version ${version} for ${role}?`}
        onConfirm={() => approve.mutateAsync()}
      >
        <p>Agents of this role work by it as soon as all approvals are given.</p>
        {field}
      </ConfirmButton>
      <ConfirmButton
        label="Reject"
        kind="danger"
        title={`Reject version ${version} for ${role}?`}
        onConfirm={() => reject.mutateAsync()}
      >
        <p>One person’s word settles it.</p>
        {field}
      </ConfirmButton>
    </Permitted>
  )
}

const TOLD = {
  applied: 'Approved; it is in force',
  counted: 'Approved; others must approve it too',
  held: 'Approved; it comes in force once nothing is in the way',
} as const
