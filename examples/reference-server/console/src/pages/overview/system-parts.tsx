import { useQuery } from '@tanstack/react-query'
import { api, dataOf } from '../../api/api.ts'
import type { ServiceWorkView, SigningKeyView } from '../../api/views.ts'
import { Ago } from '../../components/ago.tsx'
import { countText } from '../../components/amounts.tsx'
import { type DataColumn, DataTable } from '../../components/data-table.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { Panel } from '../../components/panel.tsx'
import { StateBadge } from '../../components/state-badge.tsx'
import { standingOf } from './standing-of.ts'

const SERVICES: readonly DataColumn<ServiceWorkView>[] = [
  { name: 'Service', cell: ({ service }) => <code>{service}</code> },
  {
    name: 'State',
    cell: (work) => {
      const { word, tone } = standingOf(work)
      return <StateBadge state={word} tone={tone} />
    },
  },
  { name: 'Waiting', cell: ({ waiting }) => countText(waiting), isNumber: true },
  { name: 'Oldest', cell: ({ oldest_waiting_ms: ms }) => <Lasting ms={ms} />, isNumber: true },
  { name: 'In hand', cell: ({ running }) => countText(running), isNumber: true },
  { name: 'Longest', cell: ({ longest_running_ms: ms }) => <Lasting ms={ms} />, isNumber: true },
  { name: 'Processes at work', cell: ({ processes }) => countText(processes), isNumber: true },
]

const KEYS: readonly DataColumn<SigningKeyView>[] = [
  { name: 'Key', cell: ({ id }) => <code>{id}</code> },
  { name: 'Algorithm', cell: ({ algorithm }) => algorithm },
  {
    name: 'State',
    cell: ({ status }) => <StateBadge state={status} tone={status === 'active' ? 'good' : 'quiet'} />,
  },
  { name: 'Since', cell: ({ since }) => <Ago at={since} />, isNumber: true },
  { name: 'Until', cell: ({ until }) => <Ago at={until} />, isNumber: true },
]

/** What each service has to do in all its processes, where the home tenant looks, and the keys that sign. */
export function SystemParts() {
  const system = useQuery({
    queryKey: ['system'],
    queryFn: ({ signal }) => dataOf(api.GET('/api/v1/system', { signal })),
  })
  return (
    <Loaded query={system}>
      {({ services, signing_keys: keys }) => (
        <>
          {services !== null && (
            <Panel title="Services">
              <DataTable
                label="Services"
                columns={SERVICES}
                rows={services}
                keyOf={({ service }) => service}
                empty={null}
              />
            </Panel>
          )}
          <Panel title="Keys that sign access tokens">
            <DataTable
              label="Keys that sign access tokens"
              columns={KEYS}
              rows={keys}
              keyOf={({ id }) => id}
              empty={
                <EmptyState title="No key has a public part">
                  Tokens are signed with the secret in <code>JWT_SECRET</code>.
                </EmptyState>
              }
            />
          </Panel>
        </>
      )}
    </Loaded>
  )
}

const SECOND_MS = 1000
const MINUTE_MS = 60_000

function Lasting({ ms }: { readonly ms: number | null }) {
  if (ms === null) return '—'
  return ms < 2 * MINUTE_MS ? `${Math.round(ms / SECOND_MS)} s` : `${Math.round(ms / MINUTE_MS)} min`
}
