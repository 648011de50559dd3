import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { api, dataOf } from '../../api/api.ts'
import type { ProposalView } from '../../api/views.ts'
import { Ago } from '../../components/ago.tsx'
import { Choice } from '../../components/choice.tsx'
import type { DataColumn } from '../../components/data-table.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { PagedTable } from '../../components/paged-table.tsx'
import { Panel } from '../../components/panel.tsx'
import { StateBadge } from '../../components/state-badge.tsx'
import { usePages } from '../../components/use-pages.ts'
import { approvalsOf } from './approvals-of.ts'

const STATUSES = [
  { id: 'any', name: 'any state' },
  { id: 'pending', name: 'pending' },
  { id: 'applied', name: 'applied' },
  { id: 'rejected', name: 'rejected' },
  { id: 'expired', name: 'expired' },
  { id: 'stale', name: 'stale' },
] as const

const COLUMNS: readonly DataColumn<ProposalView>[] = [
  {
    name: 'Proposal',
    cell: ({ update_id: id, agent_role: role, target_version: version }) => (
      <Link to="/prompts/$id" params={{ id }}>{`${role}, version ${version}`}</Link>
    ),
  },
  { name: 'State', cell: ({ status }) => <StateBadge state={status} /> },
  { name: 'Why', cell: ({ reason }) => reason },
  { name: 'By', cell: ({ proposed_by: by }) => `${by.id} (${by.kind})` },
  {
    name: 'Approvals',
    cell: approvalsOf,
    isNumber: true,
  },
  { name: 'Proposed', cell: ({ proposed_at: at }) => <Ago at={at} />, isNumber: true },
]

/** What is proposed, and what became of it. */
export function ProposalList() {
  const [status, setStatus] = useState<(typeof STATUSES)[number]['id']>('any')
  const proposals = usePages(['prompts', 'proposals', status], ({ at, signal }) =>
    dataOf(
      api.GET('/api/v1/governance/proposals', {
        params: { query: { ...at, ...(status === 'any' ? {} : { status }) } },
        signal,
      }),
    ),
  )
  return (
    <Panel
      title="Proposals"
      actions={<Choice label="State" options={STATUSES} chosen={status} onChoose={setStatus} />}
    >
      <PagedTable
        label="Proposals"
        pages={proposals}
        rowsOf={(page) => page.proposals}
        columns={COLUMNS}
        keyOf={({ update_id: id }) => id}
        empty={
          <EmptyState title="No proposal">
            The supervisor proposes an update when failures of one kind come again, and people by{' '}
            <code>POST /api/v1/governance/proposals</code>.
          </EmptyState>
        }
      />
    </Panel>
  )
}
