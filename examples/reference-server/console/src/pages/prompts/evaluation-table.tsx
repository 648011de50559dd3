import { DataTable } from '../../components/data-table.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import type { DossierView } from './dossier.ts'

type Evaluation = DossierView['evaluations']['base'][number]

const SHARE = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 })
const FIGURE = new Intl.NumberFormat('en', { maximumSignificantDigits: 4 })

/** How both texts did on the same data. */
export function EvaluationTable({ dossier }: { readonly dossier: DossierView }) {
  const { base, proposed } = dossier.evaluations
  const datasets = [...new Set([...base, ...proposed].map(({ dataset }) => dataset))]
  const lastOf = (from: readonly Evaluation[], name: string): Evaluation | undefined =>
    from.filter(({ dataset }) => dataset === name).at(-1)
  return (
    <DataTable
      label="Evaluations of both texts"
      columns={[
        { name: 'Data', cell: (name: string) => name },
        {
          name: dossier.base === null ? 'Before' : `Version ${dossier.base.version}`,
          cell: (name) => <Result evaluation={lastOf(base, name)} />,
          isNumber: true,
        },
        {
          name: `Version ${dossier.proposed.version}, proposed`,
          cell: (name) => <Result evaluation={lastOf(proposed, name)} />,
          isNumber: true,
        },
      ]}
      rows={datasets}
      keyOf={(name) => name}
      empty={<EmptyState title="Not evaluated">No result was recorded for either of the texts.</EmptyState>}
    />
  )
}

function Result({ evaluation }: { readonly evaluation: Evaluation | undefined }) {
  if (evaluation === undefined) return '—'
  const { result } = evaluation
  if (result.kind === 'share') {
    const { successes, samples } = result
    return `${SHARE.format(samples === 0 ? 0 : successes / samples)} (${successes} of ${samples})`
  }
  return `${FIGURE.format(result.mean)} ± ${FIGURE.format(result.standard_deviation)} (${result.samples})`
}
