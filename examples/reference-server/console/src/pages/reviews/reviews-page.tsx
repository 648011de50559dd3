import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { api, dataOf } from '../../api/api.ts'
import type { ReviewView } from '../../api/views.ts'
import { Ago } from '../../components/ago.tsx'
import { Choice } from '../../components/choice.tsx'
import type { DataColumn } from '../../components/data-table.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { Page } from '../../components/page.tsx'
import { PagedTable } from '../../components/paged-table.tsx'
import { Panel } from '../../components/panel.tsx'
import { usePages } from '../../components/use-pages.ts'
import { ReviewOutcome } from './review-outcome.tsx'

const STATUSES = [
  { id: 'any', name: 'any outcome' },
  { id: 'open', name: 'open' },
  { id: 'approved', name: 'approved' },
  { id: 'rejected', name: 'rejected' },
  { id: 'vetoed', name: 'vetoed' },
  { id: 'no-consensus', name: 'no consensus' },
] as const

const COLUMNS: readonly DataColumn<ReviewView>[] = [
  {
    name: 'Work',
    cell: ({ id, subject_id: subject, round }) => (
      <Link to="/reviews/$id" params={{ id }}>{`${subject}, round ${round}`}</Link>
    ),
  },
  { name: 'Outcome', cell: (review) => <ReviewOutcome review={review} /> },
  { name: 'Votes', cell: ({ votes, reviewers }) => `${votes} of ${reviewers}`, isNumber: true },
  { name: 'Author', cell: ({ author_id: author }) => <code>{author}</code> },
  { name: 'Opened', cell: ({ opened_at: at }) => <Ago at={at} />, isNumber: true },
  { name: 'Closed', cell: ({ closed_at: at }) => <Ago at={at} />, isNumber: true },
]

/** Rounds of peer review. */
export function ReviewsPage() {
  const [status, setStatus] = useState<(typeof STATUSES)[number]['id']>('any')
  const reviews = usePages(['reviews', status], ({ at, signal }) =>
    dataOf(
      api.GET('/api/v1/reviews', {
        params: { query: { ...at, ...(status === 'any' ? {} : { status }) } },
        signal,
      }),
    ),
  )
  return (
    <Page
      title="Reviews"
      about="Rounds in which agents, and people, voted on a piece of work; the one opened last comes first."
      actions={<Choice label="Outcome" options={STATUSES} chosen={status} onChoose={setStatus} />}
    >
      <Panel title="Rounds">
        <PagedTable
          label="Rounds of review"
          pages={reviews}
          rowsOf={(page) => page.reviews}
          columns={COLUMNS}
          keyOf={({ id }) => id}
          empty={
            <EmptyState title="No round of review">
              Agents vote on the work of a task once it passes its tests.
            </EmptyState>
          }
        />
      </Panel>
    </Page>
  )
}
