import type { DossierView } from './dossier.ts'
import styles from './prompts.module.css'

type Row = DossierView['difference']['rows'][number]
type Side = 'base' | 'proposed'

const SIGNS: Readonly<Record<Row['kind'], Readonly<Record<Side, string>>>> = {
  same: { base: ' ', proposed: ' ' },
  changed: { base: '−', proposed: '+' },
  removed: { base: '−', proposed: ' ' },
  added: { base: ' ', proposed: '+' },
}
const WORDS: Readonly<Record<string, string>> = { '−': 'taken out: ', '+': 'put in: ' }

/** Both texts side by side, line by line. */
export function PromptDifference({ dossier }: { readonly dossier: DossierView }) {
  const { base, proposed, difference } = dossier
  return (
    <>
      <p>
        Lines put in: {difference.added_lines}, taken out: {difference.removed_lines}
        {!difference.is_smallest && '; the texts are too long to find the smallest difference'}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section aria-label="Difference of the texts" tabIndex={0} className={styles.scroll}>
        <table className={styles.difference}>
          <colgroup>
            <col />
            <col />
            <col />
            <col />
          </colgroup>
          <thead>
            <tr>
              <th scope="col" colSpan={2}>
                {base === null ? 'No version before' : `Version ${base.version}`}
              </th>
              <th scope="col" colSpan={2}>
                Version {proposed.version}, proposed
              </th>
            </tr>
          </thead>
          <tbody>
            {difference.rows.map((row) => (
              <tr key={`${row.base?.line ?? ''}:${row.proposed?.line ?? ''}`}>
                <DifferenceCells row={row} side="base" />
                <DifferenceCells row={row} side="proposed" />
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  )
}

function DifferenceCells({ row, side }: { readonly row: Row; readonly side: Side }) {
  const sign = SIGNS[row.kind][side]
  const line = row[side]
  const word = WORDS[sign]
  return (
    <>
      <td className={styles.number}>{line?.line}</td>
      <td data-sign={sign.trim() || undefined}>
        {word !== undefined && <span className={styles.hidden}>{word}</span>}
        <span aria-hidden="true">{sign} </span>
        {line?.text}
      </td>
    </>
  )
}
