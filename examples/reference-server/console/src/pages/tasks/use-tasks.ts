import { type InfiniteData, type UseInfiniteQueryResult, useInfiniteQuery } from '@tanstack/react-query'
import { api, dataOf } from '../../api/api.ts'
import type { TaskStatus, TaskView } from '../../api/views.ts'

/** Which tasks are wanted. */
export interface TaskFilter {
  readonly status: TaskStatus | undefined
  /** Whether the parts and remedies of others are wanted too. */
  readonly isWhole: boolean
}

interface TaskListPage {
  readonly tasks: readonly TaskView[]
  readonly next_cursor: string | null
}

const PAGE_LENGTH = 50

/** Tasks, page by page. */
export function useTasks(filter: TaskFilter): UseInfiniteQueryResult<InfiniteData<TaskListPage>, Error> {
  return useInfiniteQuery({
    queryKey: ['tasks', filter],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      dataOf<TaskListPage>(
        api.GET('/api/v1/tasks', {
          params: {
            query: {
              limit: PAGE_LENGTH,
              ...(filter.status === undefined ? {} : { status: filter.status }),
              ...(filter.isWhole ? {} : { kind: 'root' }),
              ...(pageParam === undefined ? {} : { cursor: pageParam }),
            },
          },
          signal,
        }),
      ),
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
  })
}
