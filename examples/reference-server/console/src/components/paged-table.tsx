import type { ReactNode } from 'react'
import { type DataColumn, DataTable } from './data-table.tsx'
import { Loaded } from './loaded.tsx'
import { MoreButton } from './more-button.tsx'
import type { ListPage, Pages } from './use-pages.ts'

export interface PagedTableProps<Page, Row> {
  readonly label: string
  readonly pages: Pages<Page>
  readonly rowsOf: (page: Page) => readonly Row[]
  readonly columns: readonly DataColumn<Row>[]
  readonly keyOf: (row: Row) => string
  readonly empty: ReactNode
}

/** A listing as a table, with a button for more of it. */
export function PagedTable<Page extends ListPage, Row>({
  label,
  pages,
  rowsOf,
  columns,
  keyOf,
  empty,
}: PagedTableProps<Page, Row>) {
  return (
    <Loaded query={pages}>
      {(data) => (
        <>
          <DataTable
            label={label}
            columns={columns}
            rows={data.pages.flatMap(rowsOf)}
            keyOf={keyOf}
            empty={empty}
          />
          <MoreButton pages={pages} />
        </>
      )}
    </Loaded>
  )
}
