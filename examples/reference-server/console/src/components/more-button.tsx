import { Button } from './button.tsx'
import type { Pages } from './use-pages.ts'

/** Reads the next page of a listing; nothing where there is none. */
export function MoreButton<Page>({ pages }: { readonly pages: Pages<Page> }) {
  if (!pages.hasNextPage) return null
  return (
    <div>
      <Button isPending={pages.isFetchingNextPage} onPress={() => void pages.fetchNextPage()}>
        Show more
      </Button>
    </div>
  )
}
