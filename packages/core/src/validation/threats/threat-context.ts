import { InvalidOptionError, requireOneOf } from '../../errors/index.ts'

/** The sinks that are told apart. */
export const SINKS = [
  'html',
  'sql-value',
  'sql-identifier',
  'sql-statement',
  'shell',
  'path',
  'url',
  'header',
  'log',
  'csv',
  'markdown',
  'template',
  'prompt',
] as const

/**
 * Where a text is about to go. `html`: into a page, unescaped. `sql-value`: between quotes, or as a number, of a statement
 * that is glued together. `sql-identifier`: the name of a table or column. `sql-statement`: a whole statement that shall
 * only read. `shell`: into a command line. `path`: a file below a folder. `url`: an address that a server fetches.
 * `header`: a header of HTTP or mail. `log`: a line of a log. `csv`: a cell of a spreadsheet. `markdown`: shown by a viewer
 * that loads images. `template`: source of a template engine. `prompt`: into a model.
 */
export type ThreatSink = (typeof SINKS)[number]

/** A sink, or `sql`, another word for `sql-value`. */
export type ThreatContext = ThreatSink | 'sql'

/** The sinks asked for, each once. @throws InvalidOptionError `INVALID_OPTION` on none, or on one that is not known. */
export function resolveThreatContexts(contexts: readonly ThreatContext[]): readonly ThreatSink[] {
  if (!Array.isArray(contexts) || contexts.length === 0) {
    throw new InvalidOptionError('contexts', 'a list of at least one context', contexts)
  }
  const sinks = contexts.map((one) => requireOneOf('contexts', one === 'sql' ? 'sql-value' : one, SINKS))
  return [...new Set(sinks)]
}
