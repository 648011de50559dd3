import type { ReactNode } from 'react'
import styles from './data-table.module.css'

/** A column: its name, and what stands in it. */
export interface DataColumn<Row> {
  readonly name: string
  readonly cell: (row: Row) => ReactNode
  /** Whether it holds figures, which stand to the right. */
  readonly isNumber?: boolean
  /** Whether its name is shown to those alone who do not see where it stands. */
  readonly isNameHidden?: boolean
}

export interface DataTableProps<Row> {
  /** What the rows are, for those who do not see it. */
  readonly label: string
  readonly columns: readonly DataColumn<Row>[]
  readonly rows: readonly Row[]
  readonly keyOf: (row: Row) => string
  /** What stands in the place of the table when there is no row. */
  readonly empty: ReactNode
}

/** Rows and columns; on a phone a list of cards. Its roles are spelled out, for the cards are no table to a browser. */
export function DataTable<Row>({ label, columns, rows, keyOf, empty }: DataTableProps<Row>) {
  if (rows.length === 0) return empty
  return (
    <div className={styles.scroll}>
      {/* biome-ignore-start lint/a11y/noRedundantRoles: a table that is laid out as cards loses its roles */}
      <table role="table" aria-label={label} className={styles.table}>
        <thead role="rowgroup">
          <tr role="row">
            {columns.map(({ name, isNumber, isNameHidden }) => (
              <th role="columnheader" key={name} scope="col" data-number={isNumber || undefined}>
                <span className={isNameHidden ? styles.hidden : undefined}>{name}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((row) => (
            <tr role="row" key={keyOf(row)} data-row={keyOf(row)}>
              {columns.map(({ name, cell, isNumber, isNameHidden }) => (
                <td
                  role="cell"
                  key={name}
                  data-name={isNameHidden ? undefined : name}
                  data-number={isNumber || undefined}
                >
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {/* biome-ignore-end lint/a11y/noRedundantRoles: a table that is laid out as cards loses its roles */}
    </div>
  )
}
