const TEXT_ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '\r': '&#13;',
  '\0': '\u{FFFD}',
}

/**
 * `text` as the content of an HTML element: a browser shows it letter for letter. Not for the inside of `script` and
 * `style`, which know no entities. NUL and lone surrogates, which HTML cannot hold, become U+FFFD.
 */
export function encodeHtmlText(text: string): string {
  return text.toWellFormed().replace(/[&<>\r\0]/g, (character) => TEXT_ENTITIES[character] ?? '')
}

/**
 * `text` as the value of an HTML attribute, between double or single quotes or, unless empty, between none. NUL and
 * lone surrogates become U+FFFD. Gives no safety in `href`, `src`, `style` and `on...`: there the value itself is code
 * or an address, and must be checked.
 */
export function encodeHtmlAttribute(text: string): string {
  return text
    .toWellFormed()
    .replace(/\0/g, '\u{FFFD}')
    .replace(/[&<>"'`=\t\n\f\r /]/g, (character) => `&#${character.charCodeAt(0)};`)
}
