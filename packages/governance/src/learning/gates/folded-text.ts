import { shadowOf } from '@golden-arch/core/validation'

const MARKS = /\p{M}+/gu

/**
 * Whether `text`, written in plain letters, is more than twice as long. Texts of people are not: it takes characters that
 * stand for whole phrases, such as U+FDFA for eighteen letters, which is a way to make their readers work.
 */
export function growsWhenPlain(text: string): boolean {
  return text.replace(MARKS, '').normalize('NFKC').length > 2 * text.length
}

/**
 * `text` as a reader takes it, for comparing: compatibility forms made plain (NFKC), letters that look Latin made so, marks,
 * case, control characters, characters that show nothing and the signs of Markdown's emphasis left out, and each run of
 * white space one space. Linear in the length of the text: marks go first, as to order a long run of them takes its square.
 */
export function foldedText(text: string): string {
  return shadowOf(text)
    .text.replace(MARKS, '')
    .normalize('NFKD')
    .replace(MARKS, '')
    .replace(/[^\P{C}\s]+|[*_~`]+/gu, '')
    .toUpperCase()
    .toLowerCase()
    .replaceAll('ς', 'σ')
    .normalize('NFKC')
    .replace(/\s+/gu, ' ')
}
