import { useState } from 'react'
import { api, dataOf } from '../../api/api.ts'
import type { EscalationView } from '../../api/views.ts'
import { Button } from '../../components/button.tsx'
import { Choice } from '../../components/choice.tsx'
import { ConfirmButton } from '../../components/confirm-button.tsx'
import { Permitted } from '../../components/permitted.tsx'
import { TextInput } from '../../components/text-input.tsx'
import { useAct } from '../../components/use-act.ts'

const TOUCHES = ['escalations', 'tasks', 'task', 'stats']
const DECISIONS = [
  { id: 'approve', name: 'approve: accept it as it is' },
  { id: 'retry', name: 'retry: let it try again' },
  { id: 'reject', name: 'reject: it has failed' },
  { id: 'cancel', name: 'cancel: it is not wanted any more' },
] as const

/** What can be done about an escalation that is not resolved. */
export function EscalationActions({ escalation }: { readonly escalation: EscalationView }) {
  if (escalation.status === 'resolved') return null
  return (
    <Permitted permission="escalation:resolve">
      {escalation.status === 'open' && <AcknowledgeButton id={escalation.id} />}
      <ResolveButton escalation={escalation} />
    </Permitted>
  )
}

function AcknowledgeButton({ id }: { readonly id: string }) {
  const acknowledge = useAct({
    name: 'Take it on',
    run: () => dataOf(api.POST('/api/v1/escalations/{id}/acknowledge', { params: { path: { id } } })),
    done: () => 'You have taken it on',
    touches: TOUCHES,
  })
  return (
    <Button isPending={acknowledge.isPending} onPress={() => acknowledge.mutate()}>
      Take it on
    </Button>
  )
}

function ResolveButton({ escalation }: { readonly escalation: EscalationView }) {
  const { id, subject } = escalation
  const isAsked = subject.kind === 'task'
  const [decision, setDecision] = useState<(typeof DECISIONS)[number]['id']>('retry')
  const [resolution, setResolution] = useState('')
  const resolve = useAct({
    name: 'Resolve the escalation',
    run: () =>
      dataOf(
        api.POST('/api/v1/escalations/{id}/resolve', {
          params: { path: { id } },
          body: { resolution, ...(isAsked ? { decision } : {}) },
        }),
      ),
    done: () => `${subject.id} is resolved`,
    touches: TOUCHES,
  })
  return (
    <ConfirmButton
      label="Resolve"
      kind="primary"
      title={`What becomes of ${subject.kind} ${subject.id}?`}
      isIncomplete={resolution.trim() === ''}
      onConfirm={() => resolve.mutateAsync()}
    >
      {isAsked && <Choice label="Decision" options={DECISIONS} chosen={decision} onChoose={setDecision} />}
      <TextInput
        label="What was decided, and why"
        isLong
        value={resolution}
        onChange={setResolution}
        isRequired
        description="Agents who try again are told this."
      />
    </ConfirmButton>
  )
}
