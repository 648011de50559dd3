import { z } from 'zod'

const operationSchema = z.looseObject({ summary: z.string(), 'x-permission': z.string().optional() })
const documentSchema = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
})

/** The routes of a document of the API as a table in Markdown, by path. */
export function routeTable(document: unknown): string {
  const { paths } = documentSchema.parse(document)
  const rows = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { summary, 'x-permission': permission = 'public' }]) => ({
      path,
      text: `| \`${method.toUpperCase()} ${path}\` | ${permission} | ${summary} |`,
    })),
  )
  const sorted = rows.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
  return [
    '| route | permission | what it does |',
    '| --- | --- | --- |',
    ...sorted.map(({ text }) => text),
  ].join('\n')
}
