import { useState } from 'react'
import { api, dataOf } from '../../api/api.ts'
import { Choice } from '../../components/choice.tsx'
import { ConfirmButton } from '../../components/confirm-button.tsx'
import { Permitted } from '../../components/permitted.tsx'
import { TextInput } from '../../components/text-input.tsx'
import { useAct } from '../../components/use-act.ts'
import type { AgentRole } from './agent-role.ts'

const MAX_CHOICES = 20

export interface RollBackButtonProps {
  readonly role: AgentRole
  /** The version in force. */
  readonly version: number
}

/** Puts an earlier version of a role's prompt in force again. */
export function RollBackButton({ role, version }: RollBackButtonProps) {
  const earlier = Array.from({ length: Math.min(version - 1, MAX_CHOICES) }, (_, place) => {
    const id = String(version - 1 - place)
    return { id, name: `version ${id}` }
  })
  const [chosen, setChosen] = useState(String(version - 1))
  const [reason, setReason] = useState('')
  const rollBack = useAct({
    name: 'Roll back',
    run: () =>
      dataOf(
        api.POST('/api/v1/governance/prompts/{role}/rollback', {
          params: { path: { role } },
          body: { to_version: Number(chosen), expected_version: version, reason },
        }),
      ),
    done: ({ version: now, is_frozen: isFrozen }) =>
      `${role} works with version ${now} now${isFrozen ? '; automatic updates are frozen' : ''}`,
    touches: ['prompts'],
  })
  return (
    <Permitted permission="prompt:approve">
      <ConfirmButton
        label="Roll back"
        kind="danger"
        title={`Roll back the prompt of ${role}?`}
        isIncomplete={reason.trim() === ''}
        onConfirm={() => rollBack.mutateAsync()}
      >
        <p>
          It leaves version {version} at once, and starts the cooldown. A version that never was in force is
          refused.
        </p>
        <Choice label="To" options={earlier} chosen={chosen} onChoose={setChosen} />
        <TextInput label="Why" isLong value={reason} onChange={setReason} isRequired />
      </ConfirmButton>
    </Permitted>
  )
}
