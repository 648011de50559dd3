/** A text whose reading is timed. */
export interface TimedText {
  readonly name: string
  /** Whether it is strict JSON. */
  readonly isValid: boolean
  readonly schema: 'ticket' | 'findings'
  readonly text: string
}

const TICKET = {
  title: 'Export to CSV drops the header when the first column is empty',
  priority: 'medium',
  tags: ['export', 'csv', 'regression', 'customer-reported'],
  assignee: 'mira',
}
const LARGE_ITEMS = 8000

function finding(index: number): object {
  return {
    file: `src/module-${index % 97}/file-${index}.ts`,
    line: (index * 7) % 4000,
    severity: index % 3 === 0 ? 'error' : 'info',
    message: `The value of "item${index}" may be undefined here; check it before it is used.`,
  }
}

const small = JSON.stringify(TICKET, null, 2)
const answer = Array.from({ length: 12 }, (_, index) => finding(index))
const typical = JSON.stringify(answer, null, 2)
const large = JSON.stringify(Array.from({ length: LARGE_ITEMS }, (_, index) => finding(index)))

/** The same value, written with the faults that models make: keys without quotes, a comment, commas behind the last item. */
function withFaults(json: string): string {
  return json
    .replaceAll(/"(file|line|title|tags)":/g, '$1:')
    .replaceAll(/"(\s*)\}/g, '",$1}')
    .replace(/\n/, ' // as asked\n')
}

/** What is timed: short and typical answers, and a large one for the speed on long texts. */
export const TIMED_TEXTS: readonly TimedText[] = [
  { name: 'valid, small', isValid: true, schema: 'ticket', text: small },
  { name: 'valid, typical', isValid: true, schema: 'findings', text: typical },
  { name: 'valid, large', isValid: true, schema: 'findings', text: large },
  {
    name: 'fenced in prose',
    isValid: false,
    schema: 'findings',
    text: `Here it is:\n\n\`\`\`json\n${typical}\n\`\`\`\n`,
  },
  { name: 'repaired, small', isValid: false, schema: 'ticket', text: withFaults(small) },
  { name: 'repaired, typical', isValid: false, schema: 'findings', text: withFaults(typical) },
  { name: 'repaired, large', isValid: false, schema: 'findings', text: withFaults(large) },
]
