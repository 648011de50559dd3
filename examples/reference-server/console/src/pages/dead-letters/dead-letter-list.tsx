import { api, dataOf } from '../../api/api.ts'
import { Ago } from '../../components/ago.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { PagedTable } from '../../components/paged-table.tsx'
import { StateBadge } from '../../components/state-badge.tsx'
import { usePages } from '../../components/use-pages.ts'
import { PayloadButton } from './payload-button.tsx'

/** The messages of a group, the latest first. */
export function DeadLetterList({ fingerprint }: { readonly fingerprint: string }) {
  const letters = usePages(['dead letters', 'list', fingerprint], ({ at, signal }) =>
    dataOf(api.GET('/api/v1/dlq', { params: { query: { ...at, fingerprint } }, signal })),
  )
  return (
    <PagedTable
      label="Dead letters of this kind"
      pages={letters}
      rowsOf={(page) => page.dead_letters}
      columns={[
        { name: 'Id', cell: ({ id }) => <code>{id}</code> },
        {
          name: 'State',
          cell: ({ status }) => <StateBadge state={status} />,
        },
        { name: 'Consumer', cell: ({ source }) => <code>{source.consumer}</code> },
        { name: 'Error', cell: ({ error }) => error },
        { name: 'Tries', cell: ({ attempts }) => attempts, isNumber: true },
        { name: 'Last seen', cell: ({ last_seen_at: at }) => <Ago at={at} />, isNumber: true },
        {
          name: 'Payload',
          isNameHidden: true,
          isNumber: true,
          cell: ({ id }) => <PayloadButton id={id} />,
        },
      ]}
      keyOf={({ id }) => id}
      empty={<EmptyState title="None is left">All of this kind were cleared away.</EmptyState>}
    />
  )
}
