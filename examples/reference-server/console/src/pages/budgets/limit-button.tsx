import { useState } from 'react'
import { api, dataOf } from '../../api/api.ts'
import type { BudgetView } from '../../api/views.ts'
import { countText } from '../../components/amounts.tsx'
import { ConfirmButton } from '../../components/confirm-button.tsx'
import { TextInput } from '../../components/text-input.tsx'
import { useAct } from '../../components/use-act.ts'

/** Changes the tokens that a budget may use. */
export function LimitButton({ state, name }: { readonly state: BudgetView; readonly name: string }) {
  const [limit, setLimit] = useState(state.limit === null ? '' : String(state.limit))
  const [reason, setReason] = useState('')
  const wanted = limit.trim() === '' ? null : Number(limit)
  const isNumber = wanted === null || (Number.isSafeInteger(wanted) && wanted >= 0)
  const { project_id, task_id, agent_id } = state.scope
  const change = useAct({
    name: 'Change the limit',
    run: () =>
      dataOf(
        api.PUT('/api/v1/budget/limits', {
          body: {
            ...(project_id === null ? {} : { project_id }),
            ...(task_id === null ? {} : { task_id }),
            ...(agent_id === null ? {} : { agent_id }),
            limit_tokens: wanted,
            ...(reason === '' ? {} : { reason }),
          },
        }),
      ),
    done: () => `${name} may use ${wanted === null ? 'any number of' : countText(wanted)} tokens`,
    touches: ['budgets', 'stats'],
  })
  return (
    <ConfirmButton
      label="Change limit"
      title={`How much may ${name} use?`}
      onConfirm={() => change.mutateAsync()}
      isIncomplete={!isNumber}
    >
      <p>
        {countText(state.used)} tokens are used and {countText(state.reserved)} held. Below that, nothing more
        is granted; what is held stays.
      </p>
      <TextInput
        label="Tokens"
        inputMode="numeric"
        value={limit}
        onChange={setLimit}
        isInvalid={!isNumber}
        description="A whole number. Empty: counted, not limited."
      />
      <TextInput label="Why" value={reason} onChange={setReason} description="Stands in the audit log." />
    </ConfirmButton>
  )
}
