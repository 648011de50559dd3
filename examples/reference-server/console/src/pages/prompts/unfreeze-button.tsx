import { useState } from 'react'
import { api, dataOf } from '../../api/api.ts'
import { ConfirmButton } from '../../components/confirm-button.tsx'
import { Permitted } from '../../components/permitted.tsx'
import { TextInput } from '../../components/text-input.tsx'
import { useAct } from '../../components/use-act.ts'
import type { AgentRole } from './agent-role.ts'

/** Lets automatic updates of a frozen role go on. */
export function UnfreezeButton({ role }: { readonly role: AgentRole }) {
  const [notes, setNotes] = useState('')
  const acknowledge = useAct({
    name: 'Lift the freeze',
    run: () =>
      dataOf(
        api.POST('/api/v1/governance/freezes/{role}/acknowledge', {
          params: { path: { role } },
          body: { notes },
        }),
      ),
    done: () => `${role} may be updated again`,
    touches: ['prompts'],
  })
  return (
    <Permitted permission="prompt:approve">
      <ConfirmButton
        label="Lift the freeze"
        title={`Let updates of ${role} go on?`}
        isIncomplete={notes.trim() === ''}
        onConfirm={() => acknowledge.mutateAsync()}
      >
        <p>Its prompt was rolled back twice within a day, so automatic updates wait for a person.</p>
        <TextInput label="What was found and done" isLong value={notes} onChange={setNotes} isRequired />
      </ConfirmButton>
    </Permitted>
  )
}
