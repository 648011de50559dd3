import { DataTable } from '../../components/data-table.tsx'
import { StateBadge } from '../../components/state-badge.tsx'
import { weightText } from './answer-word.ts'
import styles from './review-page.module.css'
import type { VoterView } from './use-review.ts'

/** Each reviewer: what was answered, what each other answer would have led to, and how much could be decided. */
export function VoterTable({ voters }: { readonly voters: readonly VoterView[] }) {
  return (
    <DataTable
      label="Reviewers and what each could decide"
      columns={[
        { name: 'Reviewer', cell: ({ id }: VoterView) => <code>{id}</code> },
        { name: 'Role', cell: ({ role, kind }) => `${role}${kind === 'human' ? ', a person' : ''}` },
        { name: 'Weight', cell: ({ weight_milli: weight }) => weightText(weight), isNumber: true },
        {
          name: 'Answer',
          cell: ({ answer, is_veto: isVeto, is_pivotal: isPivotal }) => (
            <span className={styles.answer}>
              <StateBadge state={isVeto ? 'veto' : answer} />
              {isPivotal && <strong>pivotal</strong>}
            </span>
          ),
        },
        { name: 'With approve', cell: ({ had_they_voted: had }) => <StateBadge state={had.approve} /> },
        { name: 'With reject', cell: ({ had_they_voted: had }) => <StateBadge state={had.reject} /> },
        { name: 'Without', cell: ({ had_they_voted: had }) => <StateBadge state={had.silent} /> },
        {
          name: 'Power',
          isNumber: true,
          cell: ({ power }) =>
            power === null ? (
              '—'
            ) : (
              <span
                title={`Banzhaf ${power.normalised_banzhaf.fraction}, Shapley–Shubik ${power.shapley_shubik.fraction}`}
              >
                {SHARE.format(power.normalised_banzhaf.value)}
              </span>
            ),
        },
      ]}
      rows={voters}
      keyOf={({ id }) => id}
      empty={null}
    />
  )
}

const SHARE = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 0 })
