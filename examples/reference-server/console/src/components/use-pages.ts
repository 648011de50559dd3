import { type InfiniteData, type UseInfiniteQueryResult, useInfiniteQuery } from '@tanstack/react-query'

/** A page of a listing of the API. */
export interface ListPage {
  readonly next_cursor: string | null
}

/** What one page is asked with. */
export interface PageAsked {
  /** Where the page begins; nothing for the first. */
  readonly at: { readonly cursor?: string }
  readonly signal: AbortSignal
}

/** A listing, page by page. */
export type Pages<Page> = UseInfiniteQueryResult<InfiniteData<Page>, Error>

/** Reads a listing page by page, as one asks for more; anew every `refreshMs` milliseconds where no event tells of changes. */
export function usePages<Page extends ListPage>(
  key: readonly unknown[],
  read: (asked: PageAsked) => Promise<Page>,
  refreshMs?: number,
): Pages<Page> {
  return useInfiniteQuery({
    queryKey: key,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      read({ at: pageParam === undefined ? {} : { cursor: pageParam }, signal }),
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
    ...(refreshMs === undefined ? {} : { refetchInterval: refreshMs }),
  })
}
