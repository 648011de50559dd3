import { useState } from 'react'
import { api, dataOf } from '../../api/api.ts'
import { countText } from '../../components/amounts.tsx'
import { ConfirmButton } from '../../components/confirm-button.tsx'
import { TextInput } from '../../components/text-input.tsx'
import { useAct } from '../../components/use-act.ts'

export interface ResolveGroupButtonProps {
  readonly fingerprint: string
  readonly unresolved: number
}

/** Settles a group for good, without another try. */
export function ResolveGroupButton({ fingerprint, unresolved }: ResolveGroupButtonProps) {
  const [note, setNote] = useState('')
  const resolve = useAct({
    name: 'Settle the group',
    run: async () => {
      let settled = 0
      for (let hasMore = true; hasMore; ) {
        const part = await dataOf(
          api.POST('/api/v1/dlq/groups/{fingerprint}/resolve', {
            params: { path: { fingerprint } },
            body: note.trim() === '' ? {} : { note },
          }),
        )
        settled += part.resolved
        // A part that settles nothing has met only what others hold.
        hasMore = part.has_more && part.resolved > 0
      }
      return settled
    },
    done: (settled) => `${countText(settled)} are settled`,
    touches: ['dead letters', 'stats'],
  })
  return (
    <ConfirmButton
      label="Settle"
      kind="danger"
      title={`Settle ${countText(unresolved)} without another try?`}
      isDisabled={unresolved === 0}
      onConfirm={() => resolve.mutateAsync()}
    >
      <p>Nothing more is done with them. They stay readable until they are cleared away.</p>
      <TextInput label="Why" value={note} onChange={setNote} />
    </ConfirmButton>
  )
}
