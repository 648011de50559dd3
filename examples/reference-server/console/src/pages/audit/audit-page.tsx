import { useState } from 'react'
import { api, dataOf } from '../../api/api.ts'
import type { AuditEntryView } from '../../api/views.ts'
import { Ago } from '../../components/ago.tsx'
import { Choice } from '../../components/choice.tsx'
import type { DataColumn } from '../../components/data-table.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { Page } from '../../components/page.tsx'
import { PagedTable } from '../../components/paged-table.tsx'
import { Panel } from '../../components/panel.tsx'
import { StateBadge } from '../../components/state-badge.tsx'
import { TextInput } from '../../components/text-input.tsx'
import { usePages } from '../../components/use-pages.ts'
import { AuditDetails } from './audit-details.tsx'
import styles from './audit-page.module.css'
import { ChainBadge } from './chain-badge.tsx'

const OUTCOMES = [
  { id: 'any', name: 'any outcome' },
  { id: 'allowed', name: 'allowed' },
  { id: 'denied', name: 'denied' },
  { id: 'failed', name: 'failed' },
] as const

const COLUMNS: readonly DataColumn<AuditEntryView>[] = [
  { name: 'Place', cell: ({ sequence }) => sequence ?? 'not yet', isNumber: true },
  { name: 'When', cell: ({ at }) => <Ago at={at} /> },
  { name: 'Who', cell: ({ actor }) => `${actor.id} (${actor.kind})` },
  { name: 'What', cell: ({ action }) => <code>{action}</code> },
  { name: 'On what', cell: ({ resource }) => <code>{resource}</code> },
  { name: 'Outcome', cell: ({ outcome }) => <StateBadge state={outcome} /> },
  { name: 'Details', isNameHidden: true, cell: (entry) => <AuditDetails entry={entry} /> },
]

/** Who did what, and whether the record of it is whole. */
export function AuditPage() {
  const [outcome, setOutcome] = useState<(typeof OUTCOMES)[number]['id']>('any')
  const [actor, setActor] = useState('')
  const [action, setAction] = useState('')
  const entries = usePages(['audit', outcome, actor, action], ({ at, signal }) =>
    dataOf(
      api.GET('/api/v1/audit', {
        params: {
          query: {
            ...at,
            ...(outcome === 'any' ? {} : { outcome }),
            ...(actor === '' ? {} : { actor }),
            ...(action === '' ? {} : { action }),
          },
        },
        signal,
      }),
    ),
  )
  return (
    <Page title="Audit log" about="Who did what, the newest entry first." actions={<ChainBadge />}>
      <Panel title="Entries">
        <div className={styles.filters}>
          <TextInput label="Who" value={actor} onChange={setActor} description="An id, whole." />
          <TextInput
            label="What"
            value={action}
            onChange={setAction}
            description="An action, such as breaker.reset."
          />
          <Choice label="Outcome" options={OUTCOMES} chosen={outcome} onChoose={setOutcome} />
        </div>
        <PagedTable
          label="Entries of the audit log"
          pages={entries}
          rowsOf={(page) => page.entries}
          columns={COLUMNS}
          keyOf={({ id }) => id}
          empty={<EmptyState title="No such entry">Take a word out of the filters to see more.</EmptyState>}
        />
      </Panel>
    </Page>
  )
}
