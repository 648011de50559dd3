import { useState } from 'react'
import { api, dataOf } from '../../api/api.ts'
import type { EscalationView } from '../../api/views.ts'
import { Choice } from '../../components/choice.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { MoreButton } from '../../components/more-button.tsx'
import { Page } from '../../components/page.tsx'
import { usePages } from '../../components/use-pages.ts'
import { EscalationCard } from './escalation-card.tsx'

const STATUSES = [
  { id: 'unresolved', name: 'not resolved' },
  { id: 'open', name: 'open' },
  { id: 'acknowledged', name: 'acknowledged' },
  { id: 'resolved', name: 'resolved' },
] as const
const LEVELS = [
  { id: 'any', name: 'any level' },
  { id: 'supervisor', name: 'supervisor' },
  { id: 'operator', name: 'operator' },
  { id: 'admin', name: 'admin' },
] as const

/** What agents could not settle among themselves. */
export function EscalationsPage() {
  const [status, setStatus] = useState<(typeof STATUSES)[number]['id']>('unresolved')
  const [level, setLevel] = useState<(typeof LEVELS)[number]['id']>('any')
  const escalations = usePages(['escalations', status, level], ({ at, signal }) =>
    dataOf(
      api.GET('/api/v1/escalations', {
        params: { query: { ...at, status, ...(level === 'any' ? {} : { level }) } },
        signal,
      }),
    ),
  )
  return (
    <Page
      title="Escalations"
      about="What waits for a decision that agents may not make; the oldest comes first."
      actions={
        <>
          <Choice label="Level" options={LEVELS} chosen={level} onChoose={setLevel} />
          <Choice label="State" options={STATUSES} chosen={status} onChoose={setStatus} />
        </>
      }
    >
      <Loaded query={escalations}>
        {({ pages }) => <EscalationList escalations={pages.flatMap((page) => page.escalations)} />}
      </Loaded>
      <MoreButton pages={escalations} />
    </Page>
  )
}

function EscalationList({ escalations }: { readonly escalations: readonly EscalationView[] }) {
  if (escalations.length === 0) {
    return (
      <EmptyState title="Nothing waits here">
        An escalation is raised where a review ends without consensus or with a veto, where a fix needs a
        person’s word, and where a task goes round.
      </EmptyState>
    )
  }
  return escalations.map((escalation) => <EscalationCard key={escalation.id} escalation={escalation} />)
}
