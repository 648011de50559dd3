const READ_LENGTH = 512
const NAMED: Readonly<Record<string, string>> = {
  colon: ':',
  tab: '\t',
  newline: '\n',
  lpar: '(',
  amp: '&',
  lt: '<',
  gt: '>',
  sol: '/',
  nbsp: ' ',
}

/** The start of an attribute's value as a browser reads it as an address: entities decoded, blanks and controls dropped. */
export function attributeUrl(value: string): string {
  return (
    value
      .slice(0, READ_LENGTH)
      .replace(/&(?:#x([0-9a-f]{1,8})|#(\d{1,9})|([a-z]{2,8}));?/gi, decode)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: browsers drop exactly these from an address
      .replace(/[\u0000-\u0020\u007f-\u00a0]/g, '')
      .toLowerCase()
  )
}

function decode(whole: string, hex?: string, decimal?: string, name?: string): string {
  if (name !== undefined) return NAMED[name.toLowerCase()] ?? whole
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
  return code <= 0x10ffff ? String.fromCodePoint(code) : whole
}
