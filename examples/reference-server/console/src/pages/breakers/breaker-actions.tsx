import { useState } from 'react'
import { api, dataOf } from '../../api/api.ts'
import type { BreakerView } from '../../api/views.ts'
import { Choice } from '../../components/choice.tsx'
import { ConfirmButton } from '../../components/confirm-button.tsx'
import { Permitted } from '../../components/permitted.tsx'
import { TextInput } from '../../components/text-input.tsx'
import { useAct } from '../../components/use-act.ts'

const TOUCHES = ['breakers', 'stats']
const STATES = [
  { id: 'open', name: 'open: no call passes' },
  { id: 'closed', name: 'closed: calls pass, whatever fails' },
  { id: 'disabled', name: 'disabled: calls pass unwatched' },
] as const

/** Holds a breaker by hand, or closes it. */
export function BreakerActions({ breaker: { name } }: { readonly breaker: BreakerView }) {
  return (
    <Permitted permission="breaker:manage">
      <ForceButton name={name} />
      <ResetButton name={name} />
    </Permitted>
  )
}

function ForceButton({ name }: { readonly name: string }) {
  const [state, setState] = useState<(typeof STATES)[number]['id']>('open')
  const [reason, setReason] = useState('')
  const force = useAct({
    name: 'Hold the breaker',
    run: () =>
      dataOf(
        api.POST('/api/v1/circuit-breakers/{name}/force', {
          params: { path: { name } },
          body: { state, ...(reason.trim() === '' ? {} : { reason }) },
        }),
      ),
    done: () => `${name} is held ${state}`,
    touches: TOUCHES,
  })
  return (
    <ConfirmButton label="Hold" kind="danger" title={`Hold ${name}?`} onConfirm={() => force.mutateAsync()}>
      <p>It stays so in all processes until it is reset or held otherwise.</p>
      <Choice label="State" options={STATES} chosen={state} onChoose={setState} />
      <TextInput label="Why" value={reason} onChange={setReason} description="Shown to all who look." />
    </ConfirmButton>
  )
}

function ResetButton({ name }: { readonly name: string }) {
  const reset = useAct({
    name: 'Reset the breaker',
    run: () => dataOf(api.POST('/api/v1/circuit-breakers/{name}/reset', { params: { path: { name } } })),
    done: () => `${name} is closed`,
    touches: TOUCHES,
  })
  return (
    <ConfirmButton label="Reset" title={`Close ${name}?`} onConfirm={() => reset.mutateAsync()}>
      <p>Calls pass again in all processes, and nothing holds it any more.</p>
    </ConfirmButton>
  )
}
