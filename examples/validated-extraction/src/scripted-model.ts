import type { GenerateAnswer, ModelAnswer } from '@golden-arch/core/validation'

const text = (...lines: readonly string[]): string => lines.join('\n')

/** What a model said of each document, call by call: as models do, in prose, half JSON, cut off, of another shape, or not at all. */
const ANSWERS: Readonly<Record<string, readonly ModelAnswer[]>> = {
  'receipt.txt': [
    {
      text: text(
        '<think>A café, so food. 12.50 with a comma.</think>',
        'Here is the receipt:',
        '```json',
        `{'vendor': 'Café Blau', 'total': "12.50", 'currency': 'eur', 'paid': True,}`,
        '```',
      ),
    },
  ],
  'invoice.pdf': [
    { text: '{"vendor": "Nord Energie", "total": 8', finishReason: 'length' },
    { text: '{"vendor": "Nord Energie", "total": 812.4, "currency": "EUR", "paid": false}' },
  ],
  'letter.txt': [
    { text: 'It says: {"vendor": "Smith & Sons", "total": "about forty", "currency": "GBP", "paid": true}' },
    { text: '{"vendor": "Smith & Sons", "total": 40, "currency": "USD", "paid": true}' },
  ],
  'two-receipts.jpg': [
    {
      text: text(
        '{"vendor": "Kiosk", "total": 3, "currency": "EUR", "paid": true}',
        '{"vendor": "Kiosk", "total": 5, "currency": "EUR", "paid": true}',
      ),
    },
    { text: '{"vendor": "Kiosk", "total": 8, "currency": "EUR", "paid": true}' },
  ],
  'passport.png': [{ text: '', refusal: 'I cannot read identity documents.' }],
}

/** A model that answers so; in an app it calls yours, with the document and, where there is one, the feedback. */
export function modelFor(document: string): GenerateAnswer {
  return async ({ attempt }) => ANSWERS[document]?.[attempt - 1] ?? { text: '' }
}

/** The documents that the model knows. */
export const DOCUMENTS: readonly string[] = Object.keys(ANSWERS)
