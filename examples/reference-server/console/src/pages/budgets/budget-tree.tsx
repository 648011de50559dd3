import { keepPreviousData, useQueries } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { Button } from 'react-aria-components/Button'
import { Collection } from 'react-aria-components/Collection'
import { Tree, TreeItem, TreeItemContent } from 'react-aria-components/Tree'
import { api, dataOf } from '../../api/api.ts'
import type { BudgetView } from '../../api/views.ts'
import { Button as ActionButton } from '../../components/button.tsx'
import { BudgetRow } from './budget-row.tsx'
import styles from './budgets.module.css'

const PAGE_LENGTH = 50

/** The budgets below a project, so many pages of them: read anew together, as one list. */
async function readChildren(
  projectId: string,
  pageCount: number,
  signal: AbortSignal,
): Promise<{ readonly budgets: readonly BudgetView[]; readonly hasMore: boolean }> {
  const budgets: BudgetView[] = []
  let cursor: string | undefined
  for (let page = 0; page < pageCount; page++) {
    const query = { project_id: projectId, limit: PAGE_LENGTH, ...(cursor === undefined ? {} : { cursor }) }
    const found = await dataOf(api.GET('/api/v1/budget/children', { params: { query }, signal }))
    budgets.push(...found.budgets)
    if (found.next_cursor === null) return { budgets, hasMore: false }
    cursor = found.next_cursor
  }
  return { budgets, hasMore: true }
}

/** Projects, each with the budgets of its tasks and agents below it where it is open. */
export function BudgetTree({ projects }: { readonly projects: readonly BudgetView[] }) {
  const first = projects[0]
  const [open, setOpen] = useState<ReadonlySet<string>>(
    new Set(projects.length === 1 && first !== undefined ? [keyOf(first)] : []),
  )
  const shown = projects.filter((project) => open.has(keyOf(project)))
  const [pageCounts, setPageCounts] = useState<Readonly<Record<string, number>>>({})
  const pageCountOf = (project: BudgetView): number => pageCounts[keyOf(project)] ?? 1
  const children = useQueries({
    queries: shown.map((project) => ({
      queryKey: ['budgets', 'children', project.scope.project_id, pageCountOf(project)],
      queryFn: ({ signal }: { readonly signal: AbortSignal }) =>
        readChildren(project.scope.project_id ?? '', pageCountOf(project), signal),
      placeholderData: keepPreviousData,
    })),
  })
  const isReading = children.some(({ isFetching }) => isFetching)
  const childrenOf = (project: BudgetView) => children[shown.indexOf(project)]?.data
  return (
    <Tree
      aria-label="Budgets"
      className={styles.tree ?? ''}
      selectionMode="none"
      expandedKeys={[...open]}
      onExpandedChange={(keys) => setOpen(new Set([...keys].map(String)))}
    >
      {projects.map((project) => {
        const below = childrenOf(project)
        return (
          <Item key={keyOf(project)} state={project} isOpen={open.has(keyOf(project))}>
            <Collection>
              {below?.budgets.map((state) => (
                <Item key={keyOf(state)} state={state} />
              ))}
              {below === undefined && <Note id={`${keyOf(project)}-waits`} text="Loading…" />}
              {below?.budgets.length === 0 && (
                <Note id={`${keyOf(project)}-none`} text="No task or agent has a budget of its own." />
              )}
              {below?.hasMore === true && (
                <Note id={`${keyOf(project)}-more`} text="There are more.">
                  <ActionButton
                    isPending={isReading}
                    onPress={() =>
                      setPageCounts({ ...pageCounts, [keyOf(project)]: pageCountOf(project) + 1 })
                    }
                  >
                    Show more
                  </ActionButton>
                </Note>
              )}
            </Collection>
          </Item>
        )
      })}
    </Tree>
  )
}

interface ItemProps {
  readonly state: BudgetView
  /** Whether what is below it is shown; undefined: nothing can be. */
  readonly isOpen?: boolean
  readonly children?: ReactNode
}

function Item({ state, isOpen, children }: ItemProps) {
  return (
    <TreeItem id={keyOf(state)} textValue={nameOf(state)} className={styles.item ?? ''}>
      <TreeItemContent>
        <div className={styles.row} data-level={state.level}>
          {isOpen === undefined ? (
            <span />
          ) : (
            <Button slot="chevron" className={styles.chevron ?? ''}>
              <span aria-hidden="true">{isOpen ? '▾' : '▸'}</span>
            </Button>
          )}
          <BudgetRow state={state} name={nameOf(state)} />
        </div>
      </TreeItemContent>
      {children}
    </TreeItem>
  )
}

interface NoteProps {
  readonly id: string
  readonly text: string
  /** Shown in the place of the text. */
  readonly children?: ReactNode
}

function Note({ id, text, children }: NoteProps) {
  return (
    <TreeItem id={id} textValue={text} className={styles.item ?? ''}>
      <TreeItemContent>
        <div className={styles.note}>{children ?? text}</div>
      </TreeItemContent>
    </TreeItem>
  )
}

function keyOf({ scope }: BudgetView): string {
  return JSON.stringify([scope.project_id, scope.task_id, scope.agent_id])
}

/** What a budget is for, by its narrowest name. */
function nameOf({ scope }: BudgetView): string {
  const task = scope.task_id === null ? '' : scope.task_id
  if (scope.agent_id !== null) return task === '' ? scope.agent_id : `${task}, ${scope.agent_id}`
  return task === '' ? (scope.project_id ?? 'everything') : task
}
