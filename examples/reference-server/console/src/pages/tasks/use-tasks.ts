import { api, dataOf } from '../../api/api.ts'
import type { TaskStatus, TaskView } from '../../api/views.ts'
import { type ListPage, type Pages, usePages } from '../../components/use-pages.ts'

/** Which tasks are wanted. */
export interface TaskFilter {
  readonly status: TaskStatus | undefined
  /** Whether the parts and remedies of others are wanted too. */
  readonly isWhole: boolean
}

interface TaskListPage extends ListPage {
  readonly tasks: readonly TaskView[]
}

/** Tasks, page by page. */
export function useTasks(filter: TaskFilter): Pages<TaskListPage> {
  const { status, isWhole } = filter
  return usePages<TaskListPage>(['tasks', filter], ({ at, signal }) =>
    dataOf(
      api.GET('/api/v1/tasks', {
        params: {
          query: {
            ...at,
            order: 'newest',
            ...(status === undefined ? {} : { status }),
            ...(isWhole ? {} : { kind: 'root' }),
          },
        },
        signal,
      }),
    ),
  )
}
